import { z } from '@hono/zod-openapi'
import { expectationsSchema } from '../../expectationSchema.ts'
import type { RecordingRequest } from '../../recordingRequest.ts'
import type { StoredRecording } from '../../store/types.ts'
import { currentAttempt } from '../../supervisor/attempts.ts'
import {
  ATTEMPT_STATES,
  ATTENTION_CODES,
  type Attempt,
  type AttemptState,
  type AttentionCode,
  REASON_CODES,
  RECORDING_STATES,
  type Reason,
  type Recording,
  type RecordingState,
  type Time,
  UPLOADING_STATUSES,
  type UploadingStatus,
} from '../../supervisor/recording.ts'
import { uploadStatusOf } from '../../supervisor/uploads.ts'
import { type GapView, gapSchema, gapsOf } from './gaps.ts'
import { type PauseView, pauseSchema, pausesOf } from './pauses.ts'

/** A recording as the API shows it. Times are ISO 8601 in UTC. */
export interface RecordingView {
  id: string
  desired: Recording['desired']
  /** Whether a pause was requested; each attempt's `onhold` is what Agora has confirmed. */
  paused: boolean
  state: RecordingState
  reason: Reason | null
  /** What a person should look at. What is about files outlasts the recording. */
  attention: AttentionView[]
  /** When the next attempt or candidate starts; null if none is scheduled. */
  nextAttemptAt: string | null
  /** Why no further attempt is made; null while attempts are made. */
  gaveUp: Reason | null
  /** Since when; null while attempts are made. */
  gaveUpAt: string | null
  url: string
  expect: RecordingRequest['expect']
  media: RecordingRequest['media']
  policy: unknown
  metadata: Record<string, unknown>
  createdAt: string
  deadlines: Record<string, string>
  attempts: AttemptView[]
  /** The files of all attempts, in the order of the attempts. */
  files: FileView[]
  gaps: GapView[]
  /** The newest 50, oldest first. */
  pauses: PauseView[]
}

export interface AttentionView {
  code: AttentionCode
  message: string
  since: string
  /** The attempts whose files it is about; empty if it is about the recording. */
  attempts: number[]
}

export interface FileView {
  /** As Agora's file list has it. */
  name: string
  attempt: number
  /** `unknown` until Agora says where it is: as a rule minutes after the attempt's end. */
  upload: FileUpload
}

/** Whether a file is in the bucket, or some of its attempt's files are in Agora's own backup. */
export const FILE_UPLOADS = ['uploaded', 'backed_up', 'unknown'] as const
export type FileUpload = (typeof FILE_UPLOADS)[number]

export interface AttemptView {
  number: number
  state: AttemptState
  /** Why it was started as a candidate; null if it was not. */
  candidateFor: Reason | null
  uid: string
  resourceId: string | null
  sid: string | null
  /** Agora keeps the page open and writes nothing. */
  onhold: boolean
  startedAt: string | null
  confirmedAt: string | null
  loadedAt: string | null
  lastBeatAt: string | null
  /** The first script error of the page's newest document; null if it has reported none. */
  firstError: string | null
  endedAt: string | null
  endReason: Reason | null
  /** When Agora ends an orphaned attempt at the latest. */
  mayRunUntil: string | null
  /** From Agora's answer to the stop; null before it. */
  uploadingStatus: UploadingStatus | null
}

const reasonSchema: z.ZodType<Reason> = z.object({
  code: z.enum(REASON_CODES),
  message: z.string(),
  evidence: z.record(z.string(), z.unknown()),
})
const time = z.iso.datetime().nullable()

export const recordingViewSchema: z.ZodType<RecordingView> = z
  .object({
    id: z.string(),
    desired: z.enum(['running', 'stopped']),
    paused: z.boolean(),
    state: z.enum(RECORDING_STATES),
    reason: reasonSchema.nullable(),
    attention: z.array(
      z.object({
        code: z.enum(ATTENTION_CODES),
        message: z.string(),
        since: z.iso.datetime(),
        attempts: z.array(z.int()),
      }),
    ),
    nextAttemptAt: time,
    gaveUp: reasonSchema.nullable(),
    gaveUpAt: time,
    url: z.string(),
    expect: expectationsSchema,
    media: expectationsSchema,
    policy: z.unknown(),
    metadata: z.record(z.string(), z.unknown()),
    createdAt: z.iso.datetime(),
    deadlines: z.record(z.string(), z.iso.datetime()),
    attempts: z.array(
      z.object({
        number: z.int(),
        state: z.enum(ATTEMPT_STATES),
        candidateFor: reasonSchema.nullable(),
        uid: z.string(),
        resourceId: z.string().nullable(),
        sid: z.string().nullable(),
        onhold: z.boolean(),
        startedAt: time,
        confirmedAt: time,
        loadedAt: time,
        lastBeatAt: time,
        firstError: z.string().nullable(),
        endedAt: time,
        endReason: reasonSchema.nullable(),
        mayRunUntil: time,
        uploadingStatus: z.enum(UPLOADING_STATUSES).nullable(),
      }),
    ),
    files: z.array(z.object({ name: z.string(), attempt: z.int(), upload: z.enum(FILE_UPLOADS) })),
    gaps: z.array(gapSchema),
    pauses: z.array(pauseSchema),
  })
  .openapi('Recording')

export const viewRecording = ({ request, recording }: StoredRecording): RecordingView => ({
  id: recording.id,
  desired: recording.desired,
  paused: recording.paused,
  state: recording.state,
  reason: recording.reason,
  attention: recording.attention.map(({ since, ...rest }) => ({ ...rest, since: iso(since) })),
  nextAttemptAt: isoOrNull(recording.deadlines.retryAt ?? null),
  gaveUp: recording.gaveUp,
  gaveUpAt: isoOrNull(recording.gaveUpAt),
  url: request.url,
  expect: request.expect,
  media: request.media,
  policy: recording.policy,
  metadata: request.metadata,
  createdAt: iso(recording.createdAt),
  deadlines: viewDeadlines(recording),
  attempts: recording.attempts.map(viewAttempt),
  files: recording.attempts.flatMap(viewFiles),
  gaps: gapsOf(recording),
  pauses: pausesOf(recording),
})

const viewFiles = (attempt: Attempt): FileView[] => {
  const status = uploadStatusOf(attempt)
  const upload = FILE_UPLOADS.find((each) => each === status) ?? 'unknown'
  return attempt.files.map((name) => ({ name, attempt: attempt.number, upload }))
}

/** Those of the recording and of its current attempt. */
const viewDeadlines = (recording: Recording): Record<string, string> => {
  const deadlines = { ...currentAttempt(recording)?.deadlines, ...recording.deadlines }
  return Object.fromEntries(Object.entries(deadlines).map(([name, at]) => [name, iso(at)]))
}

const viewAttempt = (attempt: Attempt): AttemptView => ({
  number: attempt.number,
  state: attempt.state,
  candidateFor: attempt.candidateFor,
  uid: attempt.uid,
  resourceId: attempt.resourceId,
  sid: attempt.sid,
  onhold: attempt.onhold,
  startedAt: isoOrNull(attempt.startedAt),
  confirmedAt: isoOrNull(attempt.confirmedAt),
  loadedAt: isoOrNull(attempt.loadedAt),
  lastBeatAt: isoOrNull(attempt.lastBeatAt),
  firstError: attempt.page?.firstError ?? null,
  endedAt: isoOrNull(attempt.endedAt),
  endReason: attempt.endReason,
  mayRunUntil: isoOrNull(attempt.mayRunUntil),
  uploadingStatus: attempt.uploadingStatus,
})

const iso = (at: Time): string => new Date(at).toISOString()
const isoOrNull = (at: Time | null): string | null => (at === null ? null : iso(at))
