import { z } from '@hono/zod-openapi'
import { iso, isoOrNull } from '../../isoTime.ts'
import { orNull } from '../../orNull.ts'
import type { StoredRecording } from '../../store/types.ts'
import { currentAttempt } from '../../supervisor/attempts.ts'
import {
  RECORDING_STATES,
  type Reason,
  type Recording,
  type RecordingState,
  type Time,
} from '../../supervisor/recording.ts'
import { nextAttemptAt } from '../../supervisor/schedule.ts'
import { reasonSchema } from './attemptView.ts'
import { type AttentionView, attentionSchema, viewAttention } from './attentionView.ts'
import { type GapView, gapSchema, gapsOf, wellUntilOf } from './gaps.ts'
import type { History } from './history.ts'
import {
  type CurrentAttemptSummary,
  currentAttemptSummarySchema,
  summarizeAttempt,
} from './recordingSummary.ts'

/** The standby of a recording, as the recording shows it. `GET /v1/recordings/<id>~standby` has the rest. */
export interface StandbyView {
  id: string
  state: RecordingState
  reason: Reason | null
  attention: AttentionView[]
  nextAttemptAt: string | null
  gaveUp: Reason | null
  attemptCount: number
  /** Its current attempt; null if there is none. */
  current: CurrentAttemptSummary | null
  gaps: GapView[]
  /** Times in which neither the recording nor its standby has a good recording. */
  gapsOfBoth: SharedGapView[]
}

export interface SharedGapView {
  from: string
  /** null: the gap is still open. */
  to: string | null
}

export const standbyViewSchema: z.ZodType<StandbyView> = z
  .object({
    id: z.string(),
    state: z.enum(RECORDING_STATES),
    reason: orNull(reasonSchema),
    attention: z.array(attentionSchema),
    nextAttemptAt: z.iso.datetime().nullable(),
    gaveUp: orNull(reasonSchema),
    attemptCount: z.int(),
    current: orNull(currentAttemptSummarySchema),
    gaps: z.array(gapSchema),
    gapsOfBoth: z.array(z.object({ from: z.iso.datetime(), to: z.iso.datetime().nullable() })),
  })
  .openapi('Standby')

/** A recording and what its view is made of. */
export interface WithHistory {
  stored: StoredRecording
  history: History
}

export const viewStandby = (main: WithHistory, standby: WithHistory): StandbyView => {
  const { recording } = standby.stored
  const current = currentAttempt(recording)
  return {
    id: recording.id,
    state: recording.state,
    reason: recording.reason,
    attention: viewAttention(recording),
    nextAttemptAt: isoOrNull(nextAttemptAt(recording)),
    gaveUp: recording.gaveUp,
    attemptCount: recording.attemptCount,
    current: current ? summarizeAttempt(current) : null,
    gaps: gapsOf(recording, standby.history),
    gapsOfBoth: gapsOfBoth([main, standby]),
  }
}

/** Gaps between the times in which an attempt of any of the recordings was well, as far back as both histories go. */
const gapsOfBoth = (both: readonly WithHistory[]): SharedGapView[] => {
  const known = Math.max(...both.map(({ history }) => knownFrom(history)))
  const times = both.flatMap(({ stored, history }) => wellTimes(stored.recording, history))
  const gaps: SharedGapView[] = []
  // Until when all attempts so far were well; null if one still is.
  let until: Time | null | undefined
  for (const { from, to } of times.sort((one, other) => one.from - other.from)) {
    if (until === null) break
    const begin = until === undefined ? from : Math.max(until, known)
    if (from > begin) gaps.push({ from: iso(begin), to: iso(from) })
    until = to === null ? null : Math.max(until ?? to, to)
  }
  const isOpen = both.every(({ stored, history }) => isNotRecorded(stored.recording, history))
  if (typeof until === 'number' && isOpen) gaps.push({ from: iso(Math.max(until, known)), to: null })
  return gaps
}

/** Attempts that an incomplete history leaves out may have been well until the first one that it has. */
const knownFrom = ({ attempts, since }: History): Time => {
  if (since === null) return Number.NEGATIVE_INFINITY
  const loaded = attempts.flatMap(({ loadedAt }) => loadedAt ?? [])
  return loaded.length === 0 ? since : Math.min(...loaded)
}

const wellTimes = (recording: Recording, { attempts }: History): { from: Time; to: Time | null }[] =>
  attempts.flatMap((attempt) =>
    attempt.loadedAt === null ? [] : [{ from: attempt.loadedAt, to: wellUntilOf(recording, attempt) }],
  )

/** Its last gap is open, or no attempt was ever well. */
const isNotRecorded = (recording: Recording, history: History): boolean =>
  history.attempts.every(({ loadedAt }) => loadedAt === null) ||
  gapsOf(recording, history).at(-1)?.to === null
