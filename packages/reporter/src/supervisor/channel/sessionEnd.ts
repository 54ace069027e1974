import { candidateAttempt, currentAttempt, isSupervised } from '../attempts.ts'
import { clearAttention, raiseAttention } from '../attention.ts'
import { addTimelineEntry, type Draft, disarmRecording } from '../draft.ts'
import { isAtHourLimit } from '../hourLimit.ts'
import { type Attempt, type Evidence, type Reason, type Recording, reason, UID_BLOCK } from '../recording.ts'
import { failAttempt, retireAttempt, startNext, type TaskStatus } from '../restart.ts'
import { delayAt, type RetryPlan } from '../retryPlan.ts'
import { stopWithAttempt } from '../stopping.ts'

/*
 * What follows when Agora ends a session normally. It does so when nobody has been in the channel for `maxIdleTime`, and
 * when somebody stops the task. Neither is a failure. Agora says it several times: recorder_leave (41), the end of the upload
 * (31, 32), session_exit (11), and status 7 or 8; the first one counts, and the attempt has ended for all others.
 *
 *   nobody was there ──► onIdleExit: restart ──► the next attempt, after the policy's delays if it happens again and again
 *                                    wait ─────► none until somebody joins, or the recording is resumed
 *                                    end ──────► the recording is stopped
 *   somebody stopped it ─────────────────────► the recording is stopped
 */

/** Bits of `leaveCode` in event 41 (Agora's reference of notification events). */
const NO_USERS = 4
const LEFT_ON_REQUEST = 16

/** How the end became known. */
interface SessionEnd {
  /** `event 31`, `status 8` */
  source: string
  evidence: Evidence
  /** `unknown` unless the recorder itself has said that it left: a failover ends a session as well. */
  taskStatus: Exclude<TaskStatus, 'running'>
}

export const handleSessionEnd = (draft: Draft, attempt: Attempt, end: SessionEnd): void => {
  if (!isSupervised(draft.recording, attempt.number)) return
  const why = reasonFor(draft, attempt, end)
  const { taskStatus } = end
  if (why.code === 'stopped') {
    stopWithAttempt(draft, attempt, { why, taskStatus })
    return
  }
  countIdleExit(draft)
  const { onIdleExit } = draft.recording.policy
  // A candidate that runs takes over, whatever the policy says: it may have been in the channel for less time.
  const isReplaced = attempt.state === 'candidate' || candidateAttempt(draft.recording) !== undefined
  if (isReplaced || onIdleExit === 'restart') {
    failAttempt(draft, attempt, why, { taskStatus, kind: 'idleExit', plan: planAfterIdleExit(draft) })
  } else if (onIdleExit === 'end') {
    stopWithAttempt(draft, attempt, { why, taskStatus })
  } else {
    wait(draft, attempt, { why, taskStatus })
  }
}

/** Without a leave code, an empty channel is the likeliest cause. Whoever stops a candidate's task does not stop the recording. */
const reasonFor = (draft: Draft, attempt: Attempt, { source, evidence }: SessionEnd): Reason => {
  const { leaveCode } = attempt
  const facts = { ...evidence, leaveCode, sid: attempt.sid }
  const isRequested = leaveCode !== null && (leaveCode & (LEFT_ON_REQUEST | NO_USERS)) === LEFT_ON_REQUEST
  if (isRequested && attempt.state !== 'candidate' && !isAtHourLimit(draft, attempt)) {
    return reason('stopped', `The recording was stopped at Agora (${source}, leave code ${leaveCode})`, facts)
  }
  const { maxIdleTime } = draft.recording
  return reason(
    'idle_exit',
    `Agora has ended the session (${source}), as it does when nobody has been in the channel for maxIdleTime (${maxIdleTime} s)`,
    { ...facts, maxIdleTime },
  )
}

const countIdleExit = (draft: Draft): void => {
  const { recording, now } = draft
  const { maxFailures, delays } = recording.policy.restart
  const count = Math.max(maxFailures + 1, delays.length)
  recording.idleExits = [...recentIdleExits(draft), now].slice(-count)
  if (!isFrequent(draft)) return
  const { within } = recording.policy.restart
  const message = `Agora has ended more than ${maxFailures} tasks within ${within} s because nobody was in the channel for ${recording.maxIdleTime} s. If users come and go, raise recordingConfig.maxIdleTime (Agora recommends 300), or have the recording wait (policy.onIdleExit)`
  raiseAttention(draft, 'frequent_idle_exits', message)
}

const recentIdleExits = ({ recording, now }: Draft): number[] =>
  recording.idleExits.filter((at) => now - at < recording.policy.restart.within * 1000)

const isFrequent = (draft: Draft): boolean =>
  recentIdleExits(draft).length > draft.recording.policy.restart.maxFailures

/**
 * The policy's delays, and never the slow ones: whoever comes into the channel is not recorded before the next attempt. At
 * the last delay an empty channel costs one start a minute.
 */
const planAfterIdleExit = ({ recording, random }: Draft): RetryPlan => ({
  delay: delayAt(recording.policy.restart, recording.idleExits.length - 1, random),
  limit: null,
  ends: false,
})

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
  const message = 'The next attempt starts when somebody joins the channel, or the recording is resumed'
  addTimelineEntry(draft, 'recording.waiting', null, message)
}

/** Somebody has joined the channel: what waits because nobody was there starts immediately. */
export const handleJoined = (draft: Draft, uid: string): void => {
  const { recording } = draft
  if (isOwnUid(recording, uid) || !isIdle(recording)) return
  const message = `A user (uid ${uid}) has joined the channel: the next attempt starts`
  addTimelineEntry(draft, 'channel.joined', null, message, { uid })
  startWaiting(draft)
}

export const resumeWaiting = (draft: Draft): void => {
  if (draft.recording.waitingSince === null) return
  addTimelineEntry(draft, 'recording.resume_requested', null, 'Resume requested')
  startWaiting(draft)
}

const startWaiting = (draft: Draft): void => {
  disarmRecording(draft, 'retryAt')
  startNext(draft)
}

const isOwnUid = ({ uidBase }: Recording, uid: string): boolean => {
  const number = Number(uid) - uidBase
  return number > 0 && number <= UID_BLOCK
}

/** Whether nothing runs because nobody was in the channel. */
const isIdle = (recording: Recording): boolean => {
  const { desired, gaveUp, reason: why, waitingSince, deadlines } = recording
  if (desired !== 'running' || gaveUp !== null || currentAttempt(recording)) return false
  return waitingSince !== null || (deadlines.retryAt !== undefined && why?.code === 'idle_exit')
}

/** Ends the attention once the exits are rare again. */
export const clearFrequentIdleExits = (draft: Draft): void => {
  if (draft.recording.desired === 'stopped' || !isFrequent(draft))
    clearAttention(draft, 'frequent_idle_exits')
}
