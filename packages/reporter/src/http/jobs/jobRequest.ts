import { z } from '@hono/zod-openapi'
import { LABEL_NAME, labelValueSchema } from '../../commonRequest.ts'
import { COMMANDS, type Command } from '../../runtime/commands.ts'
import type { RecordingFilter } from '../../store/types.ts'
import {
  RECORDING_KINDS,
  RECORDING_STATES,
  type RecordingKind,
  type RecordingState,
} from '../../supervisor/recording.ts'

/** The filters of the list of recordings, as JSON. */
export interface JobFilter {
  state?: RecordingState[] | undefined
  kind?: RecordingKind | undefined
  attention?: boolean | undefined
  q?: string | undefined
  labels?: Record<string, string> | undefined
}

export interface JobRequest {
  id?: string | undefined
  action: Command
  ids?: string[] | undefined
  filter?: JobFilter | undefined
  all?: true | undefined
}

/** More do not fit into a body of 64 KiB, if the ids are long. */
const MAX_IDS = 2000

const jobFilterSchema: z.ZodType<JobFilter> = z
  .strictObject({
    state: z.array(z.enum(RECORDING_STATES)).min(1).optional(),
    kind: z.enum(RECORDING_KINDS).optional(),
    attention: z.boolean().optional(),
    q: z.string().min(1).max(100).optional(),
    labels: z.record(z.string().regex(LABEL_NAME), labelValueSchema).optional(),
  })
  .openapi('JobFilter', { description: 'As the parameters of the list of recordings' })

const fields = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must have 1 to 64 letters, digits, dashes and underscores')
    .optional()
    .openapi({ description: 'With it, the same request can be sent again', example: 'evening-stop' }),
  action: z.enum(COMMANDS),
  ids: z
    .array(z.string().min(1).max(100))
    .min(1)
    .max(MAX_IDS)
    .refine((ids) => new Set(ids).size === ids.length, 'must not have an id twice')
    .optional()
    .openapi({ description: 'Of these recordings' }),
  filter: jobFilterSchema
    .optional()
    .openapi({ description: 'Of those that meet the filter now. Without `state`, not of stopped ones' }),
  all: z
    .literal(true)
    .optional()
    .openapi({ description: 'In place of a filter: of all recordings that are not stopped' }),
})

export const jobRequestSchema: z.ZodType<JobRequest> = fields
  .superRefine(({ ids, filter, all }, context) => {
    const isEmpty = filter !== undefined && Object.keys(filter).length === 0
    const wrong = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message })
    if (ids && filter) wrong('filter', 'must be left out with ids')
    if (all && (ids || (filter && !isEmpty))) wrong('all', 'must be left out with ids or a filter')
    if (isEmpty && !all) wrong('filter', 'selects all recordings: confirm that with "all": true')
    if (!ids && !filter && !all) wrong('ids', 'or filter is required')
  })
  .openapi('JobRequest')

/** Which recordings a job is for. Nothing is left to do with stopped ones. */
export const recordingsOf = ({ ids, filter = {} }: JobRequest): readonly string[] | RecordingFilter => {
  if (ids) return ids
  const { state, kind, attention, q, labels } = filter
  return {
    states: state ?? RECORDING_STATES.filter((each) => each !== 'stopped'),
    kind,
    hasAttention: attention,
    text: q,
    labels,
  }
}
