import {
  currentAttempt,
  findAttempt,
  isSupervised,
} from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Attempt, Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import type { Commit } from '../reporter/process.ts'
import {
  type Invariant,
  type InvariantContext,
  storedRecording,
  trackConfirmations,
  wasWell,
} from './context.ts'
import { isLastStop, trackSessionEnds } from './sessionEvidence.ts'

/**
 * At most one attempt is starting or current, and at most one a candidate beside it. A task that Agora records is stopped
 * only when another one has loaded (of a channel: is confirmed), when that was requested, when Agora says that its session
 * has ended, when Agora has denied the task, or in the last moment in which a channel's could be stopped.
 */
export const oneCurrentAttempt: Invariant = (context) => {
  const { breach } = context
  const confirmations = trackConfirmations()
  const sessionEnds = trackSessionEnds()
  return {
    onAnswer: (...answered) => {
      confirmations.onAnswer(...answered)
      sessionEnds.onAnswer(...answered)
    },
    onSend: (call, { sid, recordingId = '' }) => {
      if (call !== 'stop') return
      const task = context.world.agora.tasks.find((each) => each.sid === sid)
      const recording = storedRecording(context, task?.recordingId ?? recordingId)
      if (task && recording && isSupervised(recording, task.attempt)) {
        breach(`${recording.id}: ${sid} is stopped, and its attempt ${task.attempt} is still supervised`)
      }
    },
    onCommit: (commit) => {
      const { after } = commit
      sessionEnds.onCommit(commit)
      const wrong = wrongRoles(after)
      if (wrong) breach(`${after.id}: ${wrong}`)
      const former = currentAttempt(commit.before)
      if (former?.sid == null || !confirmations.has(former.sid)) return
      if (sessionEnds.explains(commit, former) || isLastStop(commit, former)) return
      if (isStopped(former, commit) && !isReplacedByProven(context, commit, confirmations)) {
        breach(`${after.id}: attempt ${former.number} is stopped before another one is proven`)
      }
    },
  }
}

const wrongRoles = ({ attempts, policy }: Recording): string | undefined => {
  const counting = attempts.filter(({ state }) => state === 'starting' || state === 'current')
  const candidates = attempts.filter(({ state }) => state === 'candidate')
  const numbers = counting.map(({ number }) => number).join(', ')
  if (counting.length > 1) return `attempts ${numbers} count`
  if (candidates.length > 1) return `${candidates.length} candidates`
  if (candidates.length > 0 && counting.length === 0) return 'a candidate without a current attempt'
  if (policy.handOver === 'overlap') return undefined
  if (candidates.length > 0) return 'a candidate, although attempts must not overlap'
  return counting[0] && counting[0] !== attempts.at(-1)
    ? `attempt ${numbers} counts, not the newest`
    : undefined
}

/** The reporter stops the running task of what was the current attempt, without a request. */
const isStopped = (former: Attempt, { after, signal }: Commit): boolean => {
  const isRequested = signal.type === 'restart' || after.desired === 'stopped'
  if (isRequested || after.policy.handOver === 'replace') return false
  return findAttempt(after, former.number)?.state === 'superseded'
}

const isReplacedByProven = (
  context: InvariantContext,
  { after }: Commit,
  { hasEver }: Pick<ReturnType<typeof trackConfirmations>, 'hasEver'>,
): boolean => {
  const current = currentAttempt(after)
  const task = current && context.world.agora.tasks.find(({ sid }) => sid === current.sid)
  if (!task) return false
  if (!task.channel) return wasWell(context, task)
  return hasEver(task.sid) && (!after.policy.requireHa || current?.haAt != null)
}
