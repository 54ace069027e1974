import { z } from 'zod'
import type { TaskCommand } from '../types.ts'

const MAX_SECONDS = 86_400

/** A command to a task, as a request to the control API carries it. */
export const commandSchema: z.ZodType<TaskCommand> = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('stop'), code: z.literal([0, 1, 2, 3, 4, 5, 6]) }),
  z.strictObject({ do: z.literal('notFound'), seconds: z.number().positive().max(MAX_SECONDS) }),
  z.strictObject({ do: z.literal('killPage') }),
  z.strictObject({ do: z.literal('freezePage') }),
  z.strictObject({ do: z.literal('cutOffPage') }),
  z.strictObject({
    do: z.literal('capabilityLimit'),
    limitType: z.enum(['resolution', 'WebGL', 'bandwidth']),
  }),
  z.strictObject({
    do: z.literal('uploads'),
    as: z.enum(['ok', 'noFiles', 'failing', 'backedUp', 'credentialsExpired']),
  }),
  z.strictObject({ do: z.literal('notifyReady') }),
])
