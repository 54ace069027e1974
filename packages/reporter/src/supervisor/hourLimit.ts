import { armRecording, type Draft, disarmRecording, secondsBetween } from './draft.ts'
import type { Attempt, Time } from './recording.ts'

/** Agora ends a task `maxRecordingHour` after its start: a candidate starts `rollOverAhead` before that. */
export const armRollOver = (draft: Draft, current: Attempt): void => {
  const { rollOverAhead, handOver } = draft.recording.policy
  if (current.startedAt === null || rollOverAhead === 0 || handOver === 'replace') {
    disarmRecording(draft, 'rollOverAt')
    return
  }
  armRecording(draft, 'rollOverAt', Math.max(0, secondsLeft(draft, current) - rollOverAhead))
}

/** Until Agora ends the attempt, in seconds. */
const secondsLeft = ({ recording, now }: Draft, attempt: Attempt): number =>
  recording.maxRecordingHour * 3600 - secondsBetween(earliestStart(attempt), now)

/** Seconds before the end by which the last candidate starts, so that one runs when Agora ends the current attempt. */
const LAST_CANDIDATE = 30

/** The delay of a roll-over's next candidate: even slow retries leave one for the end. */
export const capAtHourLimit = (draft: Draft, current: Attempt, delay: number): number => {
  const untilLast = secondsLeft(draft, current) - LAST_CANDIDATE
  return untilLast > 0 ? Math.min(delay, untilLast) : delay
}

/**
 * The earliest moment at which Agora may have started the task. If the answer to its start was lost, `startedAt`, when its
 * sid became known, may be minutes later.
 */
const earliestStart = ({ startedAt, acquiredAt, createdAt, otherResourceIds }: Attempt): Time | null => {
  if (startedAt === null) return null
  return Math.min(startedAt, otherResourceIds.length > 0 ? createdAt : (acquiredAt ?? startedAt))
}

/** Seconds by which Agora's clock and the reporter's may differ on when `maxRecordingHour` is over. */
const END_TOLERANCE = 60

/** Whether the attempt has run for as long as Agora lets it: its end is expected then, however it becomes known. */
export const isAtHourLimit = (draft: Draft, attempt: Attempt): boolean =>
  attempt.startedAt !== null && secondsLeft(draft, attempt) <= END_TOLERANCE
