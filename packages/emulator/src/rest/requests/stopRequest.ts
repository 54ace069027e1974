import { z } from 'zod'
import { type Checked, check, type Identity, identity } from './common.ts'

export interface StopRequest extends Identity {
  clientRequest: { async_stop: boolean }
}

const stopSchema: z.ZodType<StopRequest> = z.object({
  ...identity,
  clientRequest: z.object({ async_stop: z.boolean().default(false) }),
})

export const checkStop = (body: unknown): Checked<StopRequest> => check(stopSchema, body)
