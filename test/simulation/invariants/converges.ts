import type { Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import { isRunning, type Task } from '../environment/agora.ts'
import {
  type Invariant,
  type InvariantContext,
  isHealthyAndReporting,
  runningTask,
  storedRecording,
} from './context.ts'

/** Effects stored less than this number of rows before the end may still be on their way. */
const RECENT_ROWS = 50
/** By this time after a task's end, event 71 or a query has reported it, in milliseconds. */
const END_NOTICED_MS = 180_000

/**
 * At the end, half an hour after the last fault, every recording rolls, or has given up and says why, or has stopped if
 * that was requested. What runs at Agora belongs to a recording or is a reported orphan, and no effect is left undone.
 */
export const converges: Invariant = (context) => {
  const stopped = new Set<string>()
  const reportedSids = new Set<string>()
  return {
    onCommandAccepted: (id, command) => {
      if (command === 'stop') stopped.add(id)
    },
    onNotificationAccepted: ({ sid }) => {
      reportedSids.add(sid)
    },
    atEnd: () => {
      const { recordings, effects, lastId } = context.world.memory.tables
      for (const id of recordings.keys()) {
        checkStop(context, id, stopped)
        checkRecording(context, id)
      }
      for (const task of context.world.agora.tasks)
        if (isRunning(task)) checkTask(context, task, reportedSids)
      for (const { kind, recordingId, attempt, id } of effects.values()) {
        if (id < lastId - RECENT_ROWS)
          context.breach(`${recordingId}: ${kind} of attempt ${attempt} is never carried out`)
      }
    },
  }
}

const checkStop = (context: InvariantContext, id: string, stopped: ReadonlySet<string>): void => {
  const recording = storedRecording(context, id)
  if (!recording) return
  const { state, desired } = recording
  if (stopped.has(id) && desired !== 'stopped') context.breach(`${id}: a stop was accepted and forgotten`)
  if (desired === 'stopped' && state !== 'stopped') context.breach(`${id}: stop requested, state ${state}`)
}

const checkRecording = (context: InvariantContext, id: string): void => {
  const recording = storedRecording(context, id)
  if (!recording || recording.desired === 'stopped') return
  const { state, gaveUp, reason } = recording
  if (gaveUp) {
    if (!reason) context.breach(`${id}: ${state} without a reason`)
    return
  }
  if (isRollingOver(context, recording)) return
  const attempt = recording.attempts.at(-1)
  const task = attempt && runningTask(context, id, attempt.number)
  // While the recording is paused, a page that is not healthy costs nothing.
  if (recording.paused && ['loading', 'unhealthy'].includes(state) && task) return
  if (state !== 'rolling') context.breach(`${id}: state ${state} instead of rolling: ${reason?.message}`)
  const page = task && context.world.pages.of(task)
  if (task && task.onhold !== recording.paused) {
    context.breach(
      `${id}: ${recording.paused ? 'paused, and Agora writes' : 'not paused, and Agora writes nothing'}`,
    )
  }
  if (!page || !isHealthyAndReporting(context, page, recording.policy)) {
    context.breach(`${id}: state ${state}, and its page is not healthy`)
  }
}

/** The task reached `maxRecordingHour` a moment ago, which is no failure. */
const isRollingOver = ({ world }: InvariantContext, { id, attempts, policy }: Recording): boolean => {
  const last = world.agora.tasks.findLast(({ cname }) => cname === id)
  if (last?.ended && last.ended.at > world.time.now() - END_NOTICED_MS) return true
  const [before, current] = attempts.slice(-2)
  const loadingSince = world.time.now() - policy.loadTimeout * 1000
  return (
    before?.endReason?.code === 'max_recording_hour' &&
    current !== undefined &&
    current.createdAt > loadingSince
  )
}

const checkTask = (
  context: InvariantContext,
  { cname, attempt, sid }: Task,
  reportedSids: ReadonlySet<string>,
): void => {
  const recording = storedRecording(context, cname)
  const known = recording?.attempts[attempt - 1]
  if (recording && recording.desired === 'running' && known?.state === 'current' && known.sid === sid) return
  if (known?.state === 'orphaned' && !reportedSids.has(sid)) return
  // The answer to its start is on its way.
  if (recording && known && known === recording.attempts.at(-1) && isRollingOver(context, recording)) return
  context.breach(`${cname}: ${sid} of attempt ${attempt} runs, and the attempt is ${known?.state}`)
}
