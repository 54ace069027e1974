import { z } from 'zod'
import { uid } from '../rest/requests/common.ts'
import type { ChannelCommand, TaskCommand } from '../types.ts'

const MAX_SECONDS = 86_400
const MAX_USERS = 1000

const seconds = z.number().positive().max(MAX_SECONDS)

/** Who is in a channel: `count` or `uids`, and not both. */
const users = z
  .strictObject({
    do: z.literal('users'),
    count: z.int().min(0).max(MAX_USERS).optional(),
    uids: z
      .array(uid)
      .max(MAX_USERS)
      .refine((uids) => new Set(uids).size === uids.length, 'must be different')
      .optional(),
  })
  .refine(({ count, uids }) => (count === undefined) !== (uids === undefined), {
    path: ['count'],
    message: 'give count or uids',
  })

/** A command to a channel, as a request to the control API carries it. */
export const channelCommandSchema: z.ZodType<ChannelCommand> = users as unknown as z.ZodType<ChannelCommand>

/** A command to a task, as a request to the control API carries it. */
export const commandSchema: z.ZodType<TaskCommand> = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('stop'), code: z.literal([0, 1, 2, 3, 4, 5, 6]) }),
  z.strictObject({ do: z.literal('notFound'), seconds }),
  z.strictObject({
    do: z.literal('failover'),
    seconds: seconds.optional(),
    newUid: uid.optional(),
    former: z.enum(['silent', 'ends', 'continues']).optional(),
  }),
  z.strictObject({
    do: z.literal('notify'),
    event: z.int().min(0),
    details: z.record(z.string(), z.unknown()).optional(),
    uid: uid.optional(),
    redundant: z.boolean().optional(),
  }),
  users,
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
]) as unknown as z.ZodType<TaskCommand>
