import { z } from 'zod'
import type { FaultRequest, TaskCommand } from '../types.ts'

const seconds = z.number().min(0).max(86_400)
const status = z.int().min(200).max(599)

const match = z.strictObject({ cname: z.string().optional(), uid: z.string().optional() })

const life = {
  match: match.optional(),
  times: z.int().min(1).optional(),
  forSeconds: seconds.positive().optional(),
}

const callThen = z.union([
  z.strictObject({ loseAnswer: z.literal(true), how: z.enum(['hang', 'reset']).optional() }),
  z.strictObject({ delay: seconds }),
  z.strictObject({ drop: z.literal(true) }),
  z.strictObject({ status, body: z.string() }),
  z.strictObject({
    status,
    code: z.int().optional(),
    reason: z.string().optional(),
    message: z.string().optional(),
  }),
])

const CALL_THEN =
  'must be {status, code?, reason?, message?}, {status, body}, {loseAnswer: true, how?: "hang"|"reset"}, {delay: seconds} or {drop: true}'
const NOTIFICATION_THEN = 'must be "drop", "double", "reorder" or {delay: seconds}'

const notificationEvent = z.literal([11, 31, 40, 70, 71, 72, 73])

/** A fault as it comes from outside. */
export const faultSchema: z.ZodType<FaultRequest> = z
  .discriminatedUnion('on', [
    z.strictObject({
      on: z.literal('call'),
      call: z.enum(['acquire', 'start', 'query', 'update', 'updateLayout', 'stop']),
      // A union's own message only says "invalid input".
      then: z.custom<z.infer<typeof callThen>>((value) => callThen.safeParse(value).success, CALL_THEN),
      ...life,
    }),
    z.strictObject({
      on: z.literal('notification'),
      event: notificationEvent.optional(),
      then: z.union(
        [z.enum(['drop', 'double', 'reorder']), z.strictObject({ delay: seconds })],
        NOTIFICATION_THEN,
      ),
      ...life,
    }),
  ])
  .refine((fault) => fault.times === undefined || fault.forSeconds === undefined, {
    path: ['forSeconds'],
    message: 'give times or forSeconds, not both',
  }) as z.ZodType<FaultRequest>

/** A command for a task as it comes from outside. */
export const commandSchema: z.ZodType<TaskCommand> = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('stop'), code: z.literal([0, 1, 2, 3, 4, 5, 6]) }),
  z.strictObject({ do: z.literal('notFound'), seconds: seconds.positive() }),
  z.strictObject({ do: z.literal('killPage') }),
  z.strictObject({ do: z.literal('freezePage') }),
  z.strictObject({ do: z.literal('cutOffPage') }),
  z.strictObject({
    do: z.literal('capabilityLimit'),
    limitType: z.enum(['resolution', 'WebGL', 'bandwidth']),
  }),
  z.strictObject({ do: z.literal('notifyReady') }),
])
