import { armRecording, type Draft, disarmRecording, secondsBetween } from './draft.ts'
import type { Attempt, Time } from './recording.ts'

/** Agora ends a task `maxRecordingHour` after its start: a candidate starts `rollOverAhead` before that. */
export const armRollOver = (draft: Draft, current: Attempt): void => {
  const { maxRecordingHour, policy } = draft.recording
  const { rollOverAhead, handOver } = policy
  if (current.startedAt === null || rollOverAhead === 0 || handOver === 'replace') {
    disarmRecording(draft, 'rollOverAt')
    return
  }
  const left = maxRecordingHour * 3600 - secondsBetween(earliestStart(current), draft.now)
  armRecording(draft, 'rollOverAt', Math.max(0, left - rollOverAhead))
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
export const isAtHourLimit = ({ recording, now }: Draft, attempt: Attempt): boolean =>
  attempt.startedAt !== null &&
  secondsBetween(earliestStart(attempt), now) >= recording.maxRecordingHour * 3600 - END_TOLERANCE
