import { findAttempt } from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Attempt } from '../../../packages/reporter/src/supervisor/recording.ts'
import type { TaskNotification } from '../../../packages/reporter/src/supervisor/signal.ts'
import { LEAVE_CODE } from '../environment/channelTasks.ts'
import type { Observer } from '../observer.ts'
import type { Commit } from '../reporter/process.ts'
import { isRunningStatus } from './context.ts'

/** Bits of event 41's leave code with which the recorder has left for good. */
const LEFT_FOR_GOOD = LEAVE_CODE.noUsers | LEAVE_CODE.onRequest
/** Seconds before its resource expires at which a task is stopped, whatever becomes of its replacement, with some lateness. */
const LAST_STOP = 22

type Ending = Pick<TaskNotification, 'eventType' | 'leaveCode' | 'code' | 'uid'>

/** A failover has replaced the session that the notification is about, as the reporter knows by event 12. */
const isFormer = ({ newUid }: Attempt, { uid }: Ending): boolean => newUid !== null && uid !== newUid

/** Agora's recorder says itself that it has left a channel, because nobody was there or it was asked to. */
export const isCertainEnd = (attempt: Attempt, notification: Ending): boolean => {
  const { eventType, leaveCode = attempt.leaveCode ?? 0, code = 0 } = notification
  const isEnd = eventType === 41 || (isUncertain(eventType) && code === 0)
  return isEnd && (leaveCode & LEFT_FOR_GOOD) !== 0 && !isFormer(attempt, notification)
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
  /** The sids of which an end was notified, and nothing has disproved it since. */
  const ended = new Set<string>()
  return {
    onCommit: ({ before, signal }) => {
      if (before.kind !== 'channel' || signal.type !== 'notification') return
      const attempt = findAttempt(before, signal.attempt)
      const { notification } = signal
      if (attempt && isUncertain(notification.eventType) && !isFormer(attempt, notification)) {
        ended.add(notification.sid)
      }
    },
    onAnswer: (call, { sid = '' }, { status, state }) => {
      if (call === 'query' && status === 200 && isRunningStatus(state)) ended.delete(sid)
    },
    explains: ({ before, signal }, attempt) => {
      if (before.kind !== 'channel') return false
      if (ended.has(attempt.sid ?? '')) return true
      return (
        signal.type === 'notification' &&
        signal.attempt === attempt.number &&
        isCertainEnd(attempt, signal.notification)
      )
    },
  }
}

/** A task whose resource is about to expire could not be stopped any more: it is, although nothing has replaced it. */
export const isLastStop = ({ after, wallAt }: Commit, { number }: Attempt): boolean => {
  const attempt = findAttempt(after, number)
  if (after.kind !== 'channel' || attempt?.endReason?.code !== 'resource_expired_hour') return false
  const left = after.maxRecordingHour * 3600 - (wallAt - attempt.createdAt) / 1000
  return left <= LAST_STOP
}
