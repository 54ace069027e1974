import { findAttempt } from '../../../packages/reporter/src/supervisor/attempts.ts'
import { isRunning, type Task } from '../environment/task.ts'
import { type Invariant, type InvariantContext, storedAttempts, storedRecording } from './context.ts'
import { trackPreventingFaults } from './preventingFaults.ts'

/** The least time before the expiry at which a candidate starts, whatever `rollOverAhead` says, in milliseconds. */
const MIN_AHEAD_MS = 60_000

/**
 * No task that records a channel runs on when its resource has expired, and nobody can query or stop it any more: another
 * task has replaced it before. Faults that kept one from starting are excepted, and a task of which the reporter never
 * learnt the sid.
 */
export const resourceExpiry: Invariant = (context) => {
  const { world, breach } = context
  const faults = trackPreventingFaults(context)
  const check = (task: Task): void => {
    if (!isRunning(task)) return
    const { recordingId, sid, attempt } = task
    const aheadMs = (storedRecording(context, recordingId)?.policy.rollOverAhead ?? 0) * 1000
    const since = world.time.now() - Math.max(aheadMs, MIN_AHEAD_MS)
    if (faults.hasPreventedStart(recordingId, since) || !isKnown(context, task)) return
    breach(`${recordingId}: ${sid} of attempt ${attempt} runs on when its resource has expired`)
  }
  return {
    onFault: faults.onFault,
    onTask: (task, change) => {
      if (change === 'started' && task.channel) {
        world.time.after(task.expiresAt - world.time.now(), () => check(task))
      }
    },
  }
}

const isKnown = (context: InvariantContext, { recordingId, attempt, sid }: Task): boolean =>
  findAttempt({ attempts: storedAttempts(context, recordingId) }, attempt)?.sid === sid
