import { z } from '@hono/zod-openapi'
import { iso, isoOrNull } from '../../isoTime.ts'
import type { StorageProfiles } from '../../storageProfile.ts'
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
import { type ChannelFields, channelFields, viewChannel } from './channelView.ts'
import { type FileView, fileSchema, viewFiles } from './files.ts'
import { type GapView, gapSchema, gapsOf } from './gaps.ts'
import type { History } from './history.ts'
import { type PageFields, pageFields, viewPage } from './pageView.ts'
import { type PauseView, pauseSchema, pausesOf } from './pauses.ts'
import { type PredictFiles, predictFiles } from './predictFiles.ts'

/** What the API shows of every recording. Times are ISO 8601 in UTC. */
export interface CommonFields {
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

/** A recording as the API shows it. */
export type RecordingView = CommonFields & (PageFields | ChannelFields)

export const commonFields: { [Name in keyof CommonFields]: z.ZodType<CommonFields[Name]> } = {
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
}

export const recordingViewSchema: z.ZodType<RecordingView> = z
  .discriminatedUnion('kind', [
    z.object({ ...commonFields, ...pageFields }).openapi('PageRecording'),
    z.object({ ...commonFields, ...channelFields }).openapi('ChannelRecording'),
  ])
  .openapi('Recording') as z.ZodType<RecordingView>

/**
 * @param history of the same recording
 * @param profiles say where its files are
 */
export const viewRecording = (
  stored: StoredRecording,
  history: History,
  profiles: StorageProfiles,
): RecordingView => {
  const { request, recording } = stored
  const common = viewCommon(stored, history, predictFiles(stored, profiles))
  return request.kind === 'page'
    ? { ...common, ...viewPage(request) }
    : { ...common, ...viewChannel(request, recording) }
}

const viewCommon = (
  { request, recording }: StoredRecording,
  history: History,
  predict: PredictFiles,
): CommonFields => ({
  id: recording.id,
  desired: recording.desired,
  paused: recording.paused,
  state: recording.state,
  reason: recording.reason,
  attention: recording.attention.map(({ since, ...rest }) => ({ ...rest, since: iso(since) })),
  nextAttemptAt: isoOrNull(recording.deadlines.retryAt ?? null),
  gaveUp: recording.gaveUp,
  gaveUpAt: isoOrNull(recording.gaveUpAt),
  policy: recording.policy,
  metadata: request.metadata,
  createdAt: iso(recording.createdAt),
  deadlines: viewDeadlines(recording),
  attemptCount: recording.attemptCount,
  attempts: recording.attempts.map((attempt) => viewAttempt(attempt, predict)),
  files: history.attempts.flatMap((attempt) => viewFiles(attempt, predict)),
  gaps: gapsOf(recording, history),
  pauses: pausesOf(recording),
  historySince: iso(history.since ?? recording.createdAt),
})

/** Those of the recording and of its current attempt. */
const viewDeadlines = (recording: Recording): Record<string, string> => {
  const deadlines = { ...currentAttempt(recording)?.deadlines, ...recording.deadlines }
  return Object.fromEntries(Object.entries(deadlines).map(([name, at]) => [name, iso(at)]))
}
