import { z } from 'zod'
import type { FaultRequest } from '../types.ts'

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
const NOTIFICATION_THEN = 'must be "drop", "double", "redundant", "reorder" or {delay: seconds}'

const notificationEvent = z.int().min(1)

/** A fault, as a request to the control API carries it. */
export const faultSchema: z.ZodType<FaultRequest> = z
  .discriminatedUnion('on', [
    z.strictObject({
      on: z.literal('call'),
      call: z.enum(['acquire', 'start', 'query', 'update', 'updateLayout', 'stop']),
      // Zod's own message for a union is only "Invalid input".
      then: z.custom<z.infer<typeof callThen>>((value) => callThen.safeParse(value).success, CALL_THEN),
      ...life,
    }),
    z.strictObject({
      on: z.literal('notification'),
      event: notificationEvent.optional(),
      then: z.union(
        [z.enum(['drop', 'double', 'redundant', 'reorder']), z.strictObject({ delay: seconds })],
        NOTIFICATION_THEN,
      ),
      ...life,
    }),
  ])
  .refine((fault) => fault.times === undefined || fault.forSeconds === undefined, {
    path: ['forSeconds'],
    message: 'give times or forSeconds, not both',
  }) as z.ZodType<FaultRequest>
