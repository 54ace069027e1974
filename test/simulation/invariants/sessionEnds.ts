import {
  candidateAttempt,
  currentAttempt,
  findAttempt,
} from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Attempt } from '../../../packages/reporter/src/supervisor/recording.ts'
import { LEAVE_CODE } from '../environment/channelTasks.ts'
import type { Commit } from '../reporter/process.ts'
import { type Invariant, type InvariantContext, storedRecording } from './context.ts'
import { hasJoinedSince, isCertainEnd } from './sessionEvidence.ts'

/** The end of a task is expected within this time before its resource expires, in milliseconds. */
const END_TOLERANCE_MS = 61_000
const HOUR_MS = 3_600_000

/**
 * Agora says several times, in any order, that the session of a channel has ended. All of it together is no failure, and
 * starts at most one attempt: none with `onIdleExit: "end"`, and with `wait` only when a user joins or on request. A
 * recording ends with its session only because of that policy, or because somebody has stopped its task at Agora, and then
 * it does.
 */
export const sessionEnds: Invariant = (context) => {
  const { breach } = context
  /** By sid: how many attempts were made or planned in decisions on its end. */
  const followers = new Map<string, number>()
  return {
    onCommit: (commit) => {
      const { before, after, signal } = commit
      if (before.kind !== 'channel') return
      const ended = endedAttempt(commit)
      if (ended?.sid != null && 'attempt' in signal) {
        const count = (followers.get(ended.sid) ?? 0) + followersIn(commit)
        followers.set(ended.sid, count)
        if (count > 1) breach(`${after.id}: the end of ${ended.sid} is followed by ${count} attempts`)
      }
      const problem =
        problemOfJoin(context, commit) ??
        problemOfStart(commit) ??
        problemOfStop(commit) ??
        problemOfIdleExit(commit)
      if (problem) breach(`${after.id}: ${problem}`)
    },
  }
}

/** The attempt that the signal is about, if its session has ended. */
const endedAttempt = ({ after, signal }: Commit): Attempt | undefined => {
  const attempt = 'attempt' in signal ? findAttempt(after, signal.attempt) : undefined
  return attempt?.endReason?.code === 'idle_exit' ? attempt : undefined
}

const followersIn = ({ before, after }: Commit): number => {
  const { retryAt } = after.deadlines
  // A step of the clock moves the moment of what was planned before.
  const hasMoved = after.appliedDowntimes.clockStepBackMs !== before.appliedDowntimes.clockStepBackMs
  const isPlanned =
    retryAt !== undefined &&
    (before.deadlines.retryAt === undefined || (retryAt !== before.deadlines.retryAt && !hasMoved))
  return after.attemptCount - before.attemptCount + (isPlanned ? 1 : 0)
}

/** Retention may have removed the recording whose recorder it is: then nothing tells it from a user. */
const problemOfJoin = (context: InvariantContext, { after, signal }: Commit): string | undefined => {
  if (signal.type !== 'joined') return undefined
  const { uid } = signal
  const isKnown = context.world.agora.tasks.some(
    (task) => task.cname === after.cname && task.uid === uid && storedRecording(context, task.recordingId),
  )
  return isKnown ? `the recorder ${uid} counts as a user` : undefined
}

const problemOfStart = ({ before, after, signal }: Commit): string | undefined => {
  if (after.attemptCount === before.attemptCount) return undefined
  if (before.desired === 'stopped') return 'an attempt is made after the stop'
  if (before.waitingSince === null || ['joined', 'resume', 'restart'].includes(signal.type)) return undefined
  // A user has joined so shortly after the exit that the start was postponed.
  if (signal.type === 'due' && before.deadlines.retryAt !== undefined) return undefined
  return `an attempt is made by ${signal.type}, while the recording waits for users`
}

/** A signal other than the user's command has ended the recording, or should have. */
const problemOfStop = (commit: Commit): string | undefined => {
  const { before, after, signal } = commit
  if (before.desired === 'stopped' || signal.type === 'stop' || after.reason?.code === 'time_over')
    return undefined
  const current = currentAttempt(before)
  const isCurrent = 'attempt' in signal && signal.attempt === current?.number
  const code = signal.type === 'notification' ? signal.notification.leaveCode : undefined
  const isEnd = signal.type === 'notification' && current && isCertainEnd(current, signal.notification)
  const wasStopped = isCurrent && isEnd && code === LEAVE_CODE.onRequest
  if (after.desired === 'running') {
    const isMissed = wasStopped && !isAtExpiry(commit, current)
    return isMissed ? 'its task was stopped at Agora, and it goes on' : undefined
  }
  const isIdleEnd = after.policy.onIdleExit === 'end' && after.reason?.code === 'idle_exit'
  return wasStopped || isIdleEnd ? undefined : `it ends without a stop: ${after.reason?.message}`
}

/** When the hours of the resource are over, an end of the task is expected, whoever brings it about. */
const isAtExpiry = ({ before, wallAt }: Commit, attempt: Attempt | undefined): boolean => {
  const begun = attempt?.acquiredAt ?? attempt?.createdAt ?? wallAt
  return wallAt > begun + before.maxRecordingHour * HOUR_MS - END_TOLERANCE_MS
}

/** What has followed from the end of the current attempt, for which nothing took over. */
const problemOfIdleExit = (commit: Commit): string | undefined => {
  const { before, after } = commit
  const current = currentAttempt(before)
  const now = current && findAttempt(after, current.number)
  const isOver = current?.endReason == null && now?.endReason?.code === 'idle_exit'
  if (!current || !isOver || before.gaveUp || candidateAttempt(before)) return undefined
  if (after.failures.length > before.failures.length) return 'an idle exit counts as a failure'
  const isFollowed = followersIn(commit) > 0
  switch (before.policy.onIdleExit) {
    case 'restart':
      return isFollowed ? undefined : 'no attempt follows an idle exit'
    case 'wait':
      // The end becomes known when a user has come back already.
      if (hasJoinedSince(commit, current))
        return isFollowed ? undefined : 'no attempt follows, although a user has joined'
      return isFollowed || after.waitingSince === null ? 'it does not wait after an idle exit' : undefined
    case 'end':
      return isFollowed || after.desired === 'running' ? 'it goes on after an idle exit' : undefined
  }
}
