import { z } from 'zod'
import { type ChannelChanges, channelChangeFields, channelRequestSchema } from './channelRequest.ts'
import {
  type CommonRequest,
  labelsSchema,
  maxDurationSchema,
  metadataSchema,
  startAheadSchema,
  timeSchema,
} from './commonRequest.ts'
import { expectationsSchema } from './expectationSchema.ts'
import { type PageRequest, pageRequestSchema } from './pageRequest.ts'
import { type PolicyInput, policyInputSchema } from './supervisor/policy.ts'

/** What a user changes while a recording runs. Each field replaces the value before it, but for `policy`, which is merged. */
export interface RecordingChanges
  extends ChannelChanges,
    Partial<Pick<CommonRequest, 'labels' | 'metadata'>>,
    Partial<Pick<PageRequest, 'expect' | 'media'>> {
  policy?: PolicyInput
  startAhead?: number
  /** null removes it. */
  startAt?: string | null
  stopAt?: string | null
  maxDuration?: number | null
}

const fields = {
  policy: policyInputSchema.optional(),
  startAt: timeSchema.nullable().optional(),
  startAhead: startAheadSchema.optional(),
  stopAt: timeSchema.nullable().optional(),
  maxDuration: maxDurationSchema.nullable().optional(),
  labels: labelsSchema.optional(),
  metadata: metadataSchema.optional(),
  expect: expectationsSchema.optional(),
  media: expectationsSchema.optional(),
  ...channelChangeFields,
}

const namesOf = (schema: z.core.$ZodType): string[] => Object.keys((schema as z.ZodObject).shape)

/** What a request to create a recording has besides. */
const FIXED: ReadonlySet<string> = new Set(
  [pageRequestSchema, ...channelRequestSchema.options].flatMap(namesOf).filter((name) => !(name in fields)),
)

const FIXED_ERROR = 'cannot be changed: stop the recording, and create another one with another id'

/** The body of `PATCH /v1/recordings/{id}`. */
export const recordingChangesSchema: z.ZodType<RecordingChanges, unknown> = z
  .strictObject(fields)
  .superRefine((_, context) => {
    const unknown = context.issues.findIndex(
      ({ code, path = [] }) => code === 'unrecognized_keys' && path.length === 0,
    )
    const issue = context.issues[unknown]
    if (issue?.code !== 'unrecognized_keys') return
    const fixed = issue.keys.filter((name) => FIXED.has(name))
    const keys = issue.keys.filter((name) => !FIXED.has(name))
    context.issues.splice(unknown, 1, ...(keys.length > 0 ? [{ ...issue, keys }] : []))
    for (const name of fixed) context.addIssue({ code: 'custom', path: [name], message: FIXED_ERROR })
  })
  .refine((changes) => Object.keys(changes).length > 0, {
    error: `must have at least one of ${Object.keys(fields).join(', ')}`,
  })
  .meta({ id: 'RecordingChanges' })
