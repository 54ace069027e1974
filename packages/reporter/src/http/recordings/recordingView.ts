import { z } from '@hono/zod-openapi'
import { expectationsSchema } from '../../expectationSchema.ts'
import { iso, isoOrNull } from '../../isoTime.ts'
import type { RecordingRequest } from '../../recordingRequest.ts'
import type { StoredRecording } from '../../store/types.ts'
import { currentAttempt } from '../../supervisor/attempts.ts'
import {
  ATTENTION_CODES,
  type AttentionCode,
  RECORDING_STATES,
  type Reason,
  type Recording,
  type RecordingState,
} from '../../supervisor/recording.ts'
import { type AttemptView, attemptViewSchema, reasonSchema, viewAttempt } from './attemptView.ts'
import { type FileView, fileSchema, viewFiles } from './files.ts'
import { type GapView, gapSchema, gapsOf } from './gaps.ts'
import type { History } from './history.ts'
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
  /** How many attempts were made so far. */
  attemptCount: number
  /** Those that run, that may run, or that ended lately, in order. The others are at `/attempts`. */
  attempts: AttemptView[]
  /** In the order of the attempts. */
  files: FileView[]
  gaps: GapView[]
  /** The newest 50, oldest first. */
  pauses: PauseView[]
  /** `files` and `gaps` are complete from here on: `createdAt`, or later if the recording has many attempts. */
  historySince: string
}

export interface AttentionView {
  code: AttentionCode
  message: string
  since: string
  /** The attempts whose files it is about; empty if it is about the recording. */
  attempts: number[]
}

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
    nextAttemptAt: z.iso.datetime().nullable(),
    gaveUp: reasonSchema.nullable(),
    gaveUpAt: z.iso.datetime().nullable(),
    url: z.string(),
    expect: expectationsSchema,
    media: expectationsSchema,
    policy: z.unknown(),
    metadata: z.record(z.string(), z.unknown()),
    createdAt: z.iso.datetime(),
    deadlines: z.record(z.string(), z.iso.datetime()),
    attemptCount: z.int(),
    attempts: z.array(attemptViewSchema),
    files: z.array(fileSchema),
    gaps: z.array(gapSchema),
    pauses: z.array(pauseSchema),
    historySince: z.iso.datetime(),
  })
  .openapi('Recording')

/** @param history of the same recording */
export const viewRecording = ({ request, recording }: StoredRecording, history: History): RecordingView => ({
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
  attemptCount: recording.attemptCount,
  attempts: recording.attempts.map(viewAttempt),
  files: history.attempts.flatMap(viewFiles),
  gaps: gapsOf(recording, history),
  pauses: pausesOf(recording),
  historySince: iso(history.since ?? recording.createdAt),
})

/** Those of the recording and of its current attempt. */
const viewDeadlines = (recording: Recording): Record<string, string> => {
  const deadlines = { ...currentAttempt(recording)?.deadlines, ...recording.deadlines }
  return Object.fromEntries(Object.entries(deadlines).map(([name, at]) => [name, iso(at)]))
}
