import { z } from 'zod'
import { recordingRequestSchema } from '../recordingRequest.ts'
import { mergePolicy, type Policy, policyInputSchema } from '../supervisor/policy.ts'
import {
  ATTEMPT_STATES,
  ATTENTION_CODES,
  type Attempt,
  type AttemptDeadlines,
  REASON_CODES,
  RECORDING_STATES,
  type Reason,
  type Recording,
  type RecordingDeadlines,
} from '../supervisor/recording.ts'
import { UnreadableRowError } from './errors.ts'
import type { StoredRecording } from './types.ts'
import { upcast } from './upcast.ts'

const time = z.number()
const nullableTime = time.nullable()

const reasonSchema: z.ZodType<Reason> = z.object({
  code: z.enum(REASON_CODES),
  message: z.string(),
  evidence: z.record(z.string(), z.unknown()),
})

const failedChecks = z.array(
  z.object({ name: z.string(), detail: z.string().optional(), overdue: z.boolean().optional() }),
)

const pageSchema = z.object({
  id: z.string(),
  seq: z.number(),
  loaded: z.boolean(),
  failing: failedChecks,
  failingSince: nullableTime,
  warnings: failedChecks.optional(),
})

const attemptDeadlinesSchema: z.ZodType<AttemptDeadlines> = z
  .object({ confirmBy: time, loadBy: time, beatBy: time, healthyBy: time, queryAt: time })
  .partial()

const recordingDeadlinesSchema: z.ZodType<RecordingDeadlines> = z
  .object({ retryAt: time, rollOverAt: time, stopBy: time, updateBy: time })
  .partial()

/** Fields that an earlier version did not store have defaults. */
const attemptSchema: z.ZodType<Attempt, unknown> = z.object({
  number: z.int(),
  uid: z.string(),
  state: z.enum(ATTEMPT_STATES),
  candidateFor: reasonSchema.nullable().default(null),
  postponed: z.boolean().default(false),
  deadlines: attemptDeadlinesSchema.default({}),
  resourceId: z.string().nullable(),
  otherResourceIds: z.array(z.string()),
  acquiredAt: nullableTime,
  sid: z.string().nullable(),
  earlierSids: z.array(z.string()).default([]),
  otherSids: z.array(z.string()).default([]),
  createdAt: time,
  startedAt: nullableTime,
  confirmedAt: nullableTime,
  helloAt: nullableTime,
  loadedAt: nullableTime,
  lastBeatAt: nullableTime,
  endedAt: nullableTime,
  endReason: reasonSchema.nullable(),
  wellUntil: nullableTime.default(null),
  mayRunUntil: nullableTime.default(null),
  page: pageSchema.nullable(),
  earlierPages: z.array(z.string()),
  suspicion: z.enum(['silent', 'never_contacted']).nullable(),
  graceUntil: nullableTime.default(null),
  query: z.object({
    asking: z.enum(['query', 'routineQuery']).nullable(),
    asked: z.number(),
    notFound: z.number(),
    notFoundSince: nullableTime,
    exitedSince: nullableTime,
    unsettledSince: nullableTime.default(null),
    unknown: z.number(),
  }),
  stop: z
    .object({
      notFound: z.number(),
      notFoundSince: nullableTime.default(null),
      unknown: z.number(),
      nextAt: nullableTime,
    })
    .nullable(),
  onhold: z.boolean().default(false),
  update: z.object({ tries: z.number(), nextAt: nullableTime }).nullable().default(null),
  files: z.array(z.string()),
  newUid: z.string().nullable().default(null),
  failoverAt: nullableTime.default(null),
  lastSequence: z.number().nullable().default(null),
})

/** Merged over the defaults, so that a row from before a policy gained options can still be read. */
const policySchema: z.ZodType<Policy, unknown> = policyInputSchema.transform((stored) => mergePolicy(stored))

const recordingSchema: z.ZodType<Recording, unknown> = z.object({
  id: z.string(),
  desired: z.enum(['running', 'stopped']),
  paused: z.boolean().default(false),
  state: z.enum(RECORDING_STATES),
  reason: reasonSchema.nullable(),
  policy: policySchema,
  uidBase: z.int(),
  createdAt: time,
  maxRecordingHour: z.int().default(3),
  attempts: z.array(attemptSchema),
  deadlines: recordingDeadlinesSchema,
  failures: z.array(time),
  replacing: reasonSchema.nullable().default(null),
  slowRetries: z.int().default(0),
  attention: z
    .array(z.object({ code: z.enum(ATTENTION_CODES), message: z.string(), since: time }))
    .default([]),
  neverLoaded: z.number(),
  postponed: z.number(),
  rollingSince: nullableTime,
  gaveUp: reasonSchema.nullable(),
  freshFrom: z.int(),
})

/**
 * Parses a row. Nothing from outside the process is trusted, including the file that it wrote earlier.
 * @throws {UnreadableRowError}
 */
export const readRow = (row: {
  id: string
  version: number
  request: string
  body: string
}): StoredRecording => {
  const body = recordingSchema.safeParse(upcast(parseJson(row.body)))
  if (!body.success) throw new UnreadableRowError(row.id, z.prettifyError(body.error))
  const request = recordingRequestSchema.safeParse(parseJson(row.request))
  if (!request.success) throw new UnreadableRowError(row.id, z.prettifyError(request.error))
  return { request: request.data, recording: body.data, version: Number(row.version) }
}

/** Broken JSON becomes undefined, which every schema refuses. */
const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
