import type { Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import { runs, type Task } from '../agora.ts'
import type { Invariant } from '../invariants.ts'
import { isWellAndHeard, stored, type Truth, taskOf } from '../truth.ts'

/**
 * When nothing has gone wrong for a while, every recording that is wanted rolls or has given up and says why, every
 * other has ended; whatever runs at Agora is wanted, or was reported as an orphan; and nothing is left to be done.
 */
export const settled: Invariant = (truth) => {
  const stopped = new Set<string>()
  const heardOf = new Set<string>()
  return {
    onCommand: (id, command) => {
      if (command === 'stop') stopped.add(id)
    },
    onNoticeHeard: ({ sid }) => {
      heardOf.add(sid)
    },
    atEnd: () => {
      const { recordings, effects } = truth.world.memory.tables
      for (const id of recordings.keys()) checkRecording(truth, id, stopped.has(id))
      for (const task of truth.world.agora.tasks)
        if (runs(task)) checkTask(truth, task, heardOf.has(task.sid))
      for (const { kind, recordingId, attempt, id } of effects.values()) {
        if (id < truth.world.memory.tables.lastId - 50)
          truth.breach(`${recordingId}: ${kind} of attempt ${attempt} is never done`)
      }
    },
  }
}

const checkRecording = (truth: Truth, id: string, stopped: boolean): void => {
  const recording = stored(truth, id)
  if (!recording) return
  const { state, desired, gaveUp, reason } = recording
  if (stopped && desired !== 'stopped') truth.breach(`${id}: it was stopped, and is wanted`)
  if (desired === 'stopped') {
    if (state !== 'stopped') truth.breach(`${id}: it is not wanted, and ${state}`)
    return
  }
  if (gaveUp) {
    if (!reason) truth.breach(`${id}: ${state} without a reason`)
    return
  }
  if (isRollingOver(truth, recording)) return
  const attempt = recording.attempts.at(-1)
  const task = attempt && taskOf(truth, id, attempt.number)
  // What a page shows that nobody writes does not matter.
  if (recording.paused && ['loading', 'unhealthy'].includes(state) && task) return
  if (state !== 'rolling') truth.breach(`${id}: it is wanted, and ${state}: ${reason?.message}`)
  const page = task && truth.world.pages.of(task)
  if (task && task.onhold !== recording.paused) {
    truth.breach(`${id}: ${recording.paused ? 'paused, and written' : 'not paused, and not written'}`)
  }
  if (!page || !isWellAndHeard(truth, page, recording.policy)) {
    truth.breach(`${id}: ${state}, and its page is not well`)
  }
}

/** By then its end is known, by event 71 or by a query, in milliseconds. */
const NOTICED_MS = 180_000

/** Agora's last hour was over a moment ago, which is nothing wrong. */
const isRollingOver = ({ world }: Truth, { id, attempts, policy }: Recording): boolean => {
  const last = world.agora.tasks.findLast(({ cname }) => cname === id)
  if (last?.ended && last.ended.at > world.time.now() - NOTICED_MS) return true
  const [before, live] = attempts.slice(-2)
  const begun = world.time.now() - policy.loadTimeout * 1000
  return before?.endReason?.code === 'max_recording_hour' && live !== undefined && live.createdAt > begun
}

const checkTask = (truth: Truth, { cname, attempt, sid }: Task, heardOf: boolean): void => {
  const recording = stored(truth, cname)
  const known = recording?.attempts[attempt - 1]
  if (recording && recording.desired === 'running' && known?.state === 'current' && known.sid === sid) return
  if (known?.state === 'orphaned' && !heardOf) return
  // Its start is on its way.
  if (recording && known && known === recording.attempts.at(-1) && isRollingOver(truth, recording)) return
  truth.breach(`${cname}: ${sid} of attempt ${attempt} runs, which is ${known?.state}`)
}
