import { candidateAttempt, isSupervised } from '../attempts.ts'
import { addTimelineEntry, arm, type Draft, disarm, disarmRecording, hasPassed } from '../draft.ts'
import { isAtHourLimit } from '../hourLimit.ts'
import { requestQuery } from '../query.ts'
import { type Attempt, type Evidence, type Reason, reason } from '../recording.ts'
import { failAttempt, retireAttempt, type TaskStatus } from '../restart.ts'
import { delayAt, type RetryPlan } from '../retryPlan.ts'
import { stopWithAttempt } from '../stopping.ts'
import { areExitsFrequent, countIdleExit, raiseFrequentIdleExits } from './idleExits.ts'
import { hasJoinedSince } from './joining.ts'
import { hasLeftForGood, hasLeftOnRequest } from './leaveCode.ts'

/*
 * What follows when Agora ends a session normally. It does so when the channel has had no users for `maxIdleTime`, and
 * when somebody stops the task. Neither is a failure. Agora says it several times, in any order: recorder_leave (41), the end
 * of the upload (31, 32), session_exit (11), and status 7 or 8.
 *
 * 41 says why, and is certain. The others do not, and a failover ends a session as well: they wait for 41 and a query.
 *
 *   41 ───────────────────────────────────────────┐   ┌─► no users ──► onIdleExit: restart ──► the next attempt
 *   11, 31, 32 ──► 5 s: 41, or no status 4 or 5 ──┼───┤                            wait ─────► none until a user joins
 *   status 7 or 8, twice ─────────────────────────┘   │                            end ──────► stopped
 *         status 4 or 5: another session's end        │
 *                                                     └─► somebody stopped it ──► stopped
 *
 * With `wait` and `end`, a task that Agora does not find is believed to have ended only after `failoverWindow`.
 */

/** How the end became known. */
interface KnownEnd {
  /** `event 31`, `status 8` */
  source: string
  evidence: Evidence
}

/** Seconds that the recorder's own word (41) and a query's answer have to arrive. */
export const EXIT_WAIT = 5
/** Seconds between checks while a failover would explain what Agora answers. */
const EXIT_RECHECK = 15

/** Event 11, 31 or 32, whose cause is unknown unless the recorder has said before why it left. */
export const handleUncertainEnd = (draft: Draft, attempt: Attempt, eventType: number): void => {
  if (!isSupervised(draft.recording, attempt.number)) return
  if (hasLeftForGood(attempt.leaveCode)) {
    handleSessionEnd(draft, attempt, { source: `event ${eventType}`, evidence: { eventType } })
    return
  }
  if (attempt.sessionEnd) return
  attempt.sessionEnd = { eventType, at: draft.now }
  arm(draft, attempt, 'exitBy', EXIT_WAIT)
  requestQuery(draft, attempt, { urgent: true })
}

/** `exitBy` has passed: the end is that of this session unless Agora has answered since that it records. */
export const checkSessionEnd = (draft: Draft, attempt: Attempt): void => {
  if (!hasPassed(draft, attempt, 'exitBy')) return
  disarm(attempt, 'exitBy')
  const { sessionEnd, recordsAt } = attempt
  if (!sessionEnd) return
  if (recordsAt !== null && recordsAt >= sessionEnd.at) {
    attempt.sessionEnd = null
    return
  }
  // The next answers decide: `handleLost`, or status 7 or 8.
  if (mustBeCertain(draft)) {
    arm(draft, attempt, 'exitBy', EXIT_RECHECK)
    return
  }
  handleSessionEnd(draft, attempt, describeEnd(sessionEnd.eventType))
}

/** With `restart` a mistake costs one needless attempt; with `wait` and `end`, all that follows. */
export const mustBeCertain = ({ recording }: Draft): boolean => recording.policy.onIdleExit !== 'restart'

export const describeEnd = (eventType: number): KnownEnd => ({
  source: `event ${eventType}`,
  evidence: { eventType },
})

/** Unless the recorder itself has said that it left, the task is stopped as well: it may be failing over. */
export const handleSessionEnd = (draft: Draft, attempt: Attempt, end: KnownEnd): void => {
  if (!isSupervised(draft.recording, attempt.number)) return
  disarm(attempt, 'exitBy')
  const why = reasonFor(draft, attempt, end)
  const taskStatus = hasLeftForGood(attempt.leaveCode) ? 'ended' : 'unknown'
  if (why.code === 'stopped') {
    stopWithAttempt(draft, attempt, { why, taskStatus })
    return
  }
  countIdleExit(draft)
  const { onIdleExit } = draft.recording.policy
  // A candidate that runs takes over, whatever the policy says: it may have been in the channel for less time.
  const isReplaced = attempt.state === 'candidate' || candidateAttempt(draft.recording) !== undefined
  const mayWait = onIdleExit === 'wait' && !hasJoinedSince(draft, attempt)
  if (!isReplaced && onIdleExit === 'end') stopWithAttempt(draft, attempt, { why, taskStatus })
  else if (!isReplaced && mayWait) wait(draft, attempt, { why, taskStatus })
  else {
    raiseFrequentIdleExits(draft)
    const plan = planAfterIdleExit(draft, attempt)
    failAttempt(draft, attempt, why, { taskStatus, kind: 'idleExit', plan })
  }
}

/** Without a leave code, an empty channel is the likeliest cause. Whoever stops a candidate's task does not stop the recording. */
const reasonFor = (draft: Draft, attempt: Attempt, { source, evidence }: KnownEnd): Reason => {
  const { leaveCode } = attempt
  const facts = { ...evidence, leaveCode, sid: attempt.sid }
  if (hasLeftOnRequest(leaveCode) && attempt.state !== 'candidate' && !isAtHourLimit(draft, attempt)) {
    return reason('stopped', `The recording was stopped at Agora (${source}, leave code ${leaveCode})`, facts)
  }
  const { maxIdleTime } = draft.recording
  return reason(
    'idle_exit',
    `Agora has ended the session (${source}), as it does when the channel has had no users for maxIdleTime (${maxIdleTime} s)`,
    { ...facts, maxIdleTime },
  )
}

/**
 * The policy's delays, and never the slow ones: whoever comes into the channel is not recorded before the next attempt. At
 * the last delay an empty channel costs one start a minute.
 */
const planAfterIdleExit = (draft: Draft, attempt: Attempt): RetryPlan => {
  const { recording, random } = draft
  const isNeeded = hasJoinedSince(draft, attempt) && !areExitsFrequent(draft)
  const delay = isNeeded ? 0 : delayAt(recording.policy.restart, recording.idleExits.length - 1, random)
  return { delay, limit: null, ends: false }
}

const wait = (
  draft: Draft,
  attempt: Attempt,
  { why, taskStatus }: { why: Reason; taskStatus: TaskStatus },
): void => {
  const { recording } = draft
  addTimelineEntry(draft, 'attempt.idle_exit', attempt, why.message, { code: why.code, ...why.evidence })
  retireAttempt(draft, attempt, why, taskStatus)
  recording.reason = why
  recording.replacing = null
  disarmRecording(draft, 'retryAt', 'rollOverAt')
  if (recording.gaveUp) return
  recording.waitingSince = draft.now
  const message = 'The next attempt starts when a user joins the channel, or the recording is resumed'
  addTimelineEntry(draft, 'recording.waiting', null, message)
}
