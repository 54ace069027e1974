import { findAttempt } from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Attempt } from '../../../packages/reporter/src/supervisor/recording.ts'
import type { TaskNotification } from '../../../packages/reporter/src/supervisor/signal.ts'
import { LEAVE_CODE } from '../environment/channelTasks.ts'
import type { Observer } from '../observer.ts'
import type { Commit } from '../reporter/process.ts'
import { isRunningStatus, timeOf } from './context.ts'

/** Bits of event 41's leave code with which the recorder has left for good. */
const LEFT_FOR_GOOD = LEAVE_CODE.noUsers | LEAVE_CODE.onRequest
/** For this time the reporter waits for the recorder's own word, after an event that does not say of which session it is. */
const EXIT_MS = 5000
/** Seconds before its resource expires at which a task is stopped, whatever becomes of its replacement, with some lateness. */
const LAST_STOP = 22

type Ending = Pick<TaskNotification, 'eventType' | 'leaveCode' | 'code' | 'uid'>

/** A failover has replaced the session that the notification is about, as the reporter knows by event 12. */
const isFormer = ({ newUid }: Attempt, { uid }: Ending): boolean => newUid !== null && uid !== newUid

/** Agora's recorder itself says that it has left the channel, because it was empty or because of a request. */
export const isCertainEnd = (attempt: Attempt, notification: Ending): boolean => {
  const { eventType, leaveCode = attempt.leaveCode ?? 0, code = 0 } = notification
  const isEnd = eventType === 41 || (isUncertain(eventType) && code === 0)
  return isEnd && (leaveCode & LEFT_FOR_GOOD) !== 0 && !isFormer(attempt, notification)
}

/** Agora's session ended abnormally, or its recorder could not begin. */
export const isAbnormalEnd = (attempt: Attempt, notification: Ending): boolean => {
  const { eventType, leaveCode, code = 0 } = notification
  const isEnd =
    (eventType === 11 && code !== 0) || (eventType === 41 && leaveCode === LEAVE_CODE.couldNotBegin)
  return isEnd && !isFormer(attempt, notification)
}

/** Events 11, 31 and 32 come at the end of a session, and do not say of which. */
const isUncertain = (eventType: number): boolean => [11, 31, 32].includes(eventType)

/** What the reporter has learnt of the ends of channels' sessions. */
export const trackSessionEnds = (): {
  onCommit(commit: Commit): void
  onAnswer: Observer['onAnswer']
  /** The decision follows from the end of this attempt's session, for all that the reporter can know. */
  explains(commit: Commit, attempt: Attempt): boolean
} => {
  /** By sid: since when an end has been notified that no answer has disproved. */
  const ended = new Map<string, number>()
  return {
    onCommit: (commit) => {
      const { before, signal } = commit
      if (before.kind !== 'channel' || signal.type !== 'notification') return
      const attempt = findAttempt(before, signal.attempt)
      const { notification } = signal
      const isEnd = attempt && isUncertain(notification.eventType) && !isFormer(attempt, notification)
      if (isEnd && !ended.has(notification.sid)) ended.set(notification.sid, timeOf(commit))
    },
    onAnswer: (call, { sid = '' }, { status, state }) => {
      if (call === 'query' && status === 200 && isRunningStatus(state)) ended.delete(sid)
    },
    explains: (commit, attempt) => {
      const { before, signal } = commit
      if (before.kind !== 'channel') return false
      if (signal.type === 'notification' && signal.attempt === attempt.number) {
        const { notification } = signal
        if (isCertainEnd(attempt, notification) || isAbnormalEnd(attempt, notification)) return true
      }
      // With `wait` and `end` only answers of Agora confirm such an end.
      const since = ended.get(attempt.sid ?? '')
      return (
        before.policy.onIdleExit === 'restart' && since !== undefined && timeOf(commit) - since >= EXIT_MS
      )
    },
  }
}

/** A user has joined since Agora began to record the attempt, so late that the end of its session may have come first. */
export const hasJoinedSince = ({ before, after, wallAt }: Commit, { number }: Attempt): boolean => {
  const { joinedAt, maxIdleTime } = before
  const confirmedAt = findAttempt(before, number)?.confirmedAt ?? 0
  if (joinedAt === null || joinedAt < confirmedAt) return false
  const now = timeOf({ wallAt, after }) - before.appliedDowntimes.clockStepBackMs
  return now - joinedAt < 2 * (maxIdleTime ?? 0) * 1000
}

/** A task whose resource is about to expire could not be stopped any more: it is, although nothing has replaced it. */
export const isLastStop = ({ after, wallAt }: Commit, { number }: Attempt): boolean => {
  const attempt = findAttempt(after, number)
  if (after.kind !== 'channel' || attempt?.endReason?.code !== 'resource_expired_hour') return false
  const left = after.maxRecordingHour * 3600 - (wallAt - attempt.createdAt) / 1000
  return left <= LAST_STOP
}
