import { z } from '@hono/zod-openapi'
import { iso, isoOrNull } from '../../isoTime.ts'
import { orNull } from '../../orNull.ts'
import type { StoredRecording } from '../../store/types.ts'
import { currentAttempt } from '../../supervisor/attempts.ts'
import {
  ATTENTION_CODES,
  type Attempt,
  type AttentionCode,
  REASON_CODES,
  RECORDING_KINDS,
  RECORDING_STATES,
  type ReasonCode,
  type Recording,
  type RecordingKind,
  type RecordingState,
} from '../../supervisor/recording.ts'
import { nextAttemptAt } from '../../supervisor/schedule.ts'

/** A recording as the list shows it. */
export interface RecordingSummary {
  id: string
  kind: RecordingKind
  desired: Recording['desired']
  paused: boolean
  state: RecordingState
  /** Why the recording is not rolling; null while there is nothing to say. */
  reason: ReasonCode | null
  attention: AttentionCode[]
  nextAttemptAt: string | null
  /** Why no further attempt is made; null while attempts are made. */
  gaveUp: ReasonCode | null
  /** A page's; null for a channel. */
  url: string | null
  /** A channel's name; null for a page. */
  channel: string | null
  labels: Record<string, string>
  metadata: Record<string, unknown>
  createdAt: string
  attemptCount: number
  /** The current attempt; null if there is none. */
  current: CurrentAttemptSummary | null
  /** The state of its standby; null if it has none. */
  standby: RecordingState | null
}

export interface CurrentAttemptSummary {
  number: number
  sid: string | null
  startedAt: string | null
  loadedAt: string | null
  lastBeatAt: string | null
}

const time = z.iso.datetime().nullable()

export const currentAttemptSummarySchema: z.ZodType<CurrentAttemptSummary> = z.object({
  number: z.int(),
  sid: z.string().nullable(),
  startedAt: time,
  loadedAt: time,
  lastBeatAt: time,
})

export const recordingSummarySchema: z.ZodType<RecordingSummary> = z
  .object({
    id: z.string(),
    kind: z.enum(RECORDING_KINDS),
    desired: z.enum(['running', 'stopped']),
    paused: z.boolean(),
    state: z.enum(RECORDING_STATES),
    reason: z.enum(REASON_CODES).nullable(),
    attention: z.array(z.enum(ATTENTION_CODES)),
    nextAttemptAt: time,
    gaveUp: z.enum(REASON_CODES).nullable(),
    url: z.string().nullable(),
    channel: z.string().nullable(),
    labels: z.record(z.string(), z.string()),
    metadata: z.record(z.string(), z.unknown()),
    createdAt: z.iso.datetime(),
    attemptCount: z.int(),
    current: orNull(currentAttemptSummarySchema),
    standby: z.enum(RECORDING_STATES).nullable(),
  })
  .openapi('RecordingSummary')

export const summarizeRecording = (
  { request, recording }: StoredRecording,
  standby?: StoredRecording,
): RecordingSummary => {
  const current = currentAttempt(recording)
  return {
    id: recording.id,
    kind: recording.kind,
    desired: recording.desired,
    paused: recording.paused,
    state: recording.state,
    reason: recording.reason?.code ?? null,
    attention: recording.attention.map(({ code }) => code),
    nextAttemptAt: isoOrNull(nextAttemptAt(recording)),
    gaveUp: recording.gaveUp?.code ?? null,
    url: request.kind === 'page' ? request.url : null,
    channel: request.kind === 'channel' ? request.channel : null,
    labels: request.labels,
    metadata: request.metadata,
    createdAt: iso(recording.createdAt),
    attemptCount: recording.attemptCount,
    current: current ? summarizeAttempt(current) : null,
    standby: standby?.recording.state ?? null,
  }
}

export const summarizeAttempt = ({
  number,
  sid,
  startedAt,
  loadedAt,
  lastBeatAt,
}: Attempt): CurrentAttemptSummary => ({
  number,
  sid,
  startedAt: isoOrNull(startedAt),
  loadedAt: isoOrNull(loadedAt),
  lastBeatAt: isoOrNull(lastBeatAt),
})
