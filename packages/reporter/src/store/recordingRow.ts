import { z } from 'zod'
import { storedRequestSchema } from '../recordingRequest.ts'
import { mergePolicy, type Policy, policyInputSchema } from '../supervisor/policy.ts'
import {
  ATTEMPT_STATES,
  ATTENTION_CODES,
  type Attempt,
  type AttemptDeadlines,
  type Attention,
  NO_REVISIONS,
  NO_SCHEDULE,
  RECORDING_KINDS,
  RECORDING_STATES,
  type Reason,
  type ReasonCode,
  type Recording,
  type RecordingDeadlines,
  type RecordingState,
  type Repeats,
  type Revisions,
  type Schedule,
  UPLOAD_STATUSES,
  UPLOADING_STATUSES,
} from '../supervisor/recording.ts'
import { UnreadableRowError } from './errors.ts'
import { parseLeniently } from './parseLeniently.ts'
import type { LastHeartbeatsTable, RecordingsTable } from './schema.ts'
import type { LastHeartbeat, StoredRecording } from './types.ts'
import { BODY_VERSION, BODY_VERSION_FIELD, type Body, upcast } from './upcast.ts'

// Rows are read leniently, because after a rollback an older version reads what a newer one wrote:
// - Fields that it does not know are dropped, those that are missing have defaults.
// - Reason codes are kept as they are: they are shown, and no decision depends on one that is unknown.
// - Attention codes that it does not know are dropped: nothing here could withdraw them.
// - An unknown state of a recording that has a live attempt is derived anew; see `deriveUnknownState`.
// - An unknown state of an attempt makes the row unreadable, because what is to be done with its task is unknown.
//   `/readyz` shows such rows.

const time = z.number()
const nullableTime = time.nullable()

const reasonSchema: z.ZodType<Reason, unknown> = z.object({
  code: z.string().transform((code) => code as ReasonCode),
  message: z.string(),
  evidence: z.record(z.string(), z.unknown()),
})

const failedChecks = z.array(
  z.object({ name: z.string(), detail: z.string().optional(), overdue: z.boolean().optional() }),
)

const pageSchema = z.object({
  id: z.string(),
  seq: z.number(),
  openedAt: nullableTime.default(null),
  loaded: z.boolean(),
  failing: failedChecks,
  failingSince: nullableTime,
  warnings: failedChecks.optional(),
  errors: z.number().optional(),
  firstError: z.string().optional(),
  note: z.string().optional(),
})

const counts = z.record(z.string(), z.number())
const repeatsSchema: z.ZodType<Repeats, unknown> = z.record(
  z.string(),
  z.object({ from: time, to: time, written: counts, counted: counts }),
)

const revisionsSchema: z.ZodType<Revisions, unknown> = z
  .object({ layout: z.int(), subscription: z.int() })
  .default(NO_REVISIONS)

const scheduleSchema: z.ZodType<Schedule, unknown> = z
  .object({
    startAt: nullableTime,
    startAhead: z.number(),
    stopAt: nullableTime,
    maxDuration: z.number().nullable(),
  })
  .default(NO_SCHEDULE)

const attemptDeadlinesSchema: z.ZodType<AttemptDeadlines> = z
  .object({
    confirmBy: time,
    loadBy: time,
    beatBy: time,
    healthyBy: time,
    queryAt: time,
    fileBy: time,
    haBy: time,
    exitBy: time,
  })
  .partial()

const recordingDeadlinesSchema: z.ZodType<RecordingDeadlines> = z
  .object({
    retryAt: time,
    rollOverAt: time,
    stopBy: time,
    updateBy: time,
    repeatsAt: time,
    quietAt: time,
    beginAt: time,
    endAt: time,
  })
  .partial()

/** Fields that an earlier version did not store have defaults. */
export const attemptSchema: z.ZodType<Attempt, unknown> = z.object({
  number: z.int(),
  uid: z.string(),
  nonce: z.string().nullable().default(null),
  state: z.enum(ATTEMPT_STATES),
  candidateFor: reasonSchema.nullable().default(null),
  postponed: z.boolean().default(false),
  deadlines: attemptDeadlinesSchema.default({}),
  resourceId: z.string().nullable(),
  otherResourceIds: z.array(z.string()).default([]),
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
  formerInterval: z.number().nullable().default(null),
  recordsAt: nullableTime.default(null),
  endedAt: nullableTime,
  endReason: reasonSchema.nullable(),
  countedNeverLoaded: z.boolean().default(false),
  wellUntil: nullableTime.default(null),
  mayRunUntil: nullableTime.default(null),
  page: pageSchema.nullable(),
  tokenRefusedAt: nullableTime.default(null),
  earlierPages: z.array(z.string()),
  followedPages: z
    .array(
      z.object({
        id: z.string(),
        seq: z.number(),
        loaded: z.boolean(),
        openedAt: nullableTime,
        lastBeatAt: time,
        speaksOn: z.boolean(),
      }),
    )
    .default([]),
  // Every suspicion has Agora queried before anything is done.
  suspicion: z.enum(['silent', 'never_contacted']).nullable().catch('silent'),
  graceUntil: nullableTime.default(null),
  query: z.object({
    asking: z.enum(['query', 'routineQuery']).nullable().catch('query'),
    asked: z.number(),
    notFound: z.number(),
    notFoundSince: nullableTime,
    exitedSince: nullableTime.default(null),
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
  applied: revisionsSchema,
  refused: revisionsSchema,
  tokenExpiresAt: nullableTime.default(null),
  leaveCode: z.number().nullable().default(null),
  haAt: nullableTime.default(null),
  sessionEnd: z.object({ eventType: z.number(), at: time }).nullable().default(null),
  streams: z
    .record(z.string(), z.object({ received: z.boolean(), sequence: z.number().nullable() }))
    .catch({})
    .default({}),
  files: z.array(z.string()),
  firstFileAt: nullableTime.default(null),
  noFiles: z.enum(['suspected', 'confirmed']).nullable().catch(null).default(null),
  uploads: z.record(z.string(), z.enum(UPLOAD_STATUSES).catch('unknown')).default({}),
  uploadingStatus: z.enum(UPLOADING_STATUSES).nullable().catch(null).default(null),
  newUid: z.string().nullable().default(null),
  failoverAt: nullableTime.default(null),
  lastSequence: z.number().nullable().default(null),
  repeats: repeatsSchema.default({}),
})

/** Merged over the defaults, so that options which are missing or unknown have theirs. */
const policySchema: z.ZodType<Policy, unknown> = z
  .record(z.string(), z.unknown())
  .transform((stored) => mergePolicy(parseLeniently(policyInputSchema, stored).data))

const attentionSchema: z.ZodType<Attention[], unknown> = z
  .array(
    z.object({ code: z.string(), message: z.string(), since: time, attempts: z.array(z.int()).default([]) }),
  )
  .transform((stored) =>
    stored.filter((attention): attention is Attention => isKnown(attention.code, ATTENTION_CODES)),
  )

const isKnown = <T extends string>(value: unknown, known: readonly T[]): value is T =>
  known.some((each) => each === value)

const recordingFields = z.object({
  id: z.string(),
  // An unknown kind makes the row unreadable: its attempts would be judged by the wrong rules.
  kind: z.enum(RECORDING_KINDS).default('page'),
  cname: z.string().optional(),
  desired: z.enum(['running', 'stopped']),
  schedule: scheduleSchema,
  awaitsStart: z.boolean().default(false),
  paused: z.boolean().default(false),
  pauses: z.array(z.object({ from: time, to: nullableTime })).default([]),
  state: z.enum(RECORDING_STATES),
  reason: reasonSchema.nullable(),
  policy: policySchema,
  uidBase: z.int(),
  createdAt: time,
  maxRecordingHour: z.number().default(3),
  maxIdleTime: z.number().nullable().default(null),
  revisions: revisionsSchema,
  refusedRevisions: revisionsSchema,
  joinedAt: nullableTime.default(null),
  waitingSince: nullableTime.default(null),
  idleExits: z.array(time).default([]),
  attempts: z.array(attemptSchema),
  attemptCount: z.int(),
  deadlines: recordingDeadlinesSchema,
  failures: z.array(time),
  replacing: reasonSchema.nullable().default(null),
  slowRetries: z.int().default(0),
  withoutFiles: z.int().default(0),
  attention: attentionSchema.default([]),
  repeats: repeatsSchema.default({}),
  neverLoaded: z.number(),
  postponed: z.number(),
  rollingSince: nullableTime,
  gaveUp: reasonSchema.nullable(),
  gaveUpAt: nullableTime.default(null),
  freshFrom: z.int(),
  appliedDowntimes: z
    .object({ count: z.int(), downtimeMs: z.number(), clockStepBackMs: z.number() })
    .default({ count: 0, downtimeMs: 0, clockStepBackMs: 0 }),
})

const recordingSchema: z.ZodType<Recording, unknown> = recordingFields.transform((body) => ({
  ...body,
  cname: body.cname ?? body.id,
}))

/** What is written to the column `body`. */
export const writeBody = (recording: Recording): string =>
  JSON.stringify({ [BODY_VERSION_FIELD]: BODY_VERSION, ...recording })

/**
 * Parses a row. Nothing from outside the process is trusted, including the file that it wrote earlier.
 * @throws {UnreadableRowError}
 */
export const readRow = (
  row: Pick<RecordingsTable, 'id' | 'version' | 'updated_at' | 'request' | 'body'> & HeartbeatColumns,
): StoredRecording => {
  const body = recordingSchema.safeParse(deriveUnknownState(upcast(parseJson(row.body))))
  if (!body.success) throw new UnreadableRowError(row.id, z.prettifyError(body.error))
  const request = parseLeniently(storedRequestSchema, parseJson(row.request))
  if (!request.success) throw new UnreadableRowError(row.id, z.prettifyError(request.error))
  return {
    request: request.data,
    recording: body.data,
    version: Number(row.version),
    updatedAt: Number(row.updated_at),
    lastHeartbeat: readHeartbeat(row),
  }
}

/** Of `last_heartbeats`; null or absent if the recording has no row there. */
type HeartbeatColumns = {
  [Column in keyof Omit<LastHeartbeatsTable, 'recording_id'>]?: LastHeartbeatsTable[Column] | null
}

const heartbeatSchema = z.object({
  attempt: z.coerce.number().pipe(z.int()),
  page: z.string(),
  seq: z.coerce.number().pipe(z.int()),
  at: z.coerce.number(),
})

/** Undefined also if it cannot be read: the grace period after a downtime covers a lost heartbeat. */
const readHeartbeat = ({ id, ...row }: { id: string } & HeartbeatColumns): LastHeartbeat | undefined => {
  const { data } = row.attempt == null ? {} : heartbeatSchema.safeParse(row)
  return data && { recordingId: id, ...data }
}

/**
 * The state follows from the facts, and every decision derives it again. So one that a newer version has introduced may be
 * replaced while an attempt is live. Otherwise the recording might have ended for good, and the row stays unreadable.
 */
const deriveUnknownState = (body: unknown): unknown => {
  const { state, desired, attempts } = Object(body) as Body
  if (typeof state !== 'string' || isKnown(state, RECORDING_STATES) || !Array.isArray(attempts)) return body
  const isLive = attempts.some((attempt) => isKnown(Object(attempt).state, ['starting', 'current']))
  const derived: RecordingState = desired === 'stopped' ? 'stopping' : 'recovering'
  return isLive ? { ...Object(body), state: derived } : body
}

/** Broken JSON becomes undefined, which every schema refuses. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
