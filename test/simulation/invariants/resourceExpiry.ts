import { findAttempt } from '../../../packages/reporter/src/supervisor/attempts.ts'
import { isRunning, type Task } from '../environment/task.ts'
import { type Invariant, type InvariantContext, storedAttempts } from './context.ts'
import { trackPreventingFaults } from './preventingFaults.ts'

/** From the last moment in which the reporter stops a task to the expiry, with the stop's retries, in milliseconds. */
const LAST_STOP_MS = 60_000

/**
 * No task that records a channel runs on when its resource has expired, and can be neither queried nor stopped any more: it has
 * been stopped before, whether or not another one has replaced it. Faults that kept the reporter from stopping it are
 * excepted, and a task of which the reporter never learnt the sid.
 */
export const resourceExpiry: Invariant = (context) => {
  const { world, breach } = context
  const faults = trackPreventingFaults(context)
  const check = (task: Task): void => {
    if (!isRunning(task)) return
    const { recordingId, sid, attempt } = task
    if (faults.hasPreventedStop(task, world.time.now() - LAST_STOP_MS) || !isKnown(context, task)) return
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
