import { armRecording, type Draft, disarmRecording, secondsBetween } from './draft.ts'
import type { Attempt, Time } from './recording.ts'

/** Seconds before the limit by which a task that does not end there is replaced, whatever the policy says. */
const MIN_AHEAD = 60

/** Seconds before the limit at which a task that does not end there is stopped, whether or not another one is proven. */
const LAST_STOP = 20

/** Whether the attempt cannot be kept any longer: soon it could not be stopped. */
export const mustStopNow = (draft: Draft, current: Attempt): boolean =>
  !draft.rules.endsAtHourLimit && current.startedAt !== null && secondsLeft(draft, current) <= LAST_STOP

/** Of a task that does not end at its limit: the last moment to stop it, whatever becomes of its replacement. */
export const armLastStop = (draft: Draft, current: Attempt): void => {
  if (draft.rules.endsAtHourLimit || current.startedAt === null) return
  armRecording(draft, 'rollOverAt', Math.max(0, secondsLeft(draft, current) - LAST_STOP))
}

/** A task cannot be kept for longer than `maxRecordingHour` after its start: a candidate starts `rollOverAhead` before that. */
export const armRollOver = (draft: Draft, current: Attempt): void => {
  if (current.startedAt === null || !isRollOverPlanned(draft)) {
    disarmRecording(draft, 'rollOverAt')
    return
  }
  armRecording(draft, 'rollOverAt', Math.max(0, secondsLeft(draft, current) - rollOverAhead(draft)))
}

/**
 * The page of an attempt that was kept after giving up is healthy again. Within `rollOverAhead` before the end, a candidate
 * would most likely fail as the one did that made the recording give up, and so with each report: none starts.
 */
export const rearmRollOver = (draft: Draft, current: Attempt): void => {
  if (secondsLeft(draft, current) > rollOverAhead(draft)) armRollOver(draft, current)
  else armLastStop(draft, current)
}

/** A task that does not end at the limit would run on, and could not be stopped. */
const isRollOverPlanned = ({ rules, recording }: Draft): boolean =>
  !rules.endsAtHourLimit || (recording.policy.rollOverAhead > 0 && recording.policy.handOver === 'overlap')

const rollOverAhead = ({ rules, recording }: Draft): number =>
  rules.endsAtHourLimit ? recording.policy.rollOverAhead : Math.max(recording.policy.rollOverAhead, MIN_AHEAD)

/** Until the attempt must have been replaced, in seconds. */
const secondsLeft = ({ recording, now }: Draft, attempt: Attempt): number => {
  const left = recording.maxRecordingHour * 3600 - secondsBetween(earliestStart(attempt), now)
  return attempt.tokenExpiresAt === null ? left : Math.min(left, secondsBetween(now, attempt.tokenExpiresAt))
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

/** Seconds before the end by which the last candidate starts, so that one runs when Agora ends the current attempt. */
const LAST_CANDIDATE = 30
/** Seconds before a candidate that replaces one which failed in the last moments. */
const MIN_DELAY = 1

/**
 * The delay before the next candidate, whatever it is for: even slow retries leave one for the end. An attempt that Agora
 * keeps running after its hour limit no longer shortens any delay.
 */
export const capAtHourLimit = (draft: Draft, current: Attempt, delay: number): number => {
  if (current.startedAt === null || !isRollOverPlanned(draft)) return delay
  const left = secondsLeft(draft, current)
  return left < -END_TOLERANCE ? delay : Math.min(delay, Math.max(MIN_DELAY, left - LAST_CANDIDATE))
}

/** Whether the attempt has run for as long as Agora lets it: its end is expected then, however it becomes known. */
export const isAtHourLimit = (draft: Draft, attempt: Attempt): boolean =>
  attempt.startedAt !== null && secondsLeft(draft, attempt) <= END_TOLERANCE
