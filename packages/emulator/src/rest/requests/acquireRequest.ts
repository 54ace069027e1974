import { z } from 'zod'
import { type Checked, check, type Identity, identity } from './common.ts'

export interface AcquireRequest extends Identity {
  clientRequest: {
    scene: number
    resourceExpiredHour: number
    /** The `clientRequest` that start will send. */
    startParameter?: Record<string, unknown>
  }
}

const acquireSchema: z.ZodType<AcquireRequest> = z.object({
  ...identity,
  clientRequest: z.object({
    scene: z.int().min(0).max(2).default(0),
    resourceExpiredHour: z.int().min(1).max(720).default(72),
    region: z.enum(['CN', 'AP', 'EU', 'NA']).optional(),
    /** The older form of `region`. */
    regionAffinity: z.int().min(0).max(4).optional(),
    excludeResourceIds: z.array(z.string()).optional(),
    startParameter: z.record(z.string(), z.unknown()).optional(),
  }),
})

export const checkAcquire = (body: unknown): Checked<AcquireRequest> => check(acquireSchema, body)
