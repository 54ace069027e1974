import {
  currentAttempt,
  findAttempt,
  isSupervised,
} from '../../../packages/reporter/src/supervisor/attempts.ts'
import { isRunning, type Task } from '../environment/task.ts'
import {
  type Invariant,
  type InvariantContext,
  isHealthyAndReporting,
  isRollingOver,
  runningTask,
  storedRecording,
} from './context.ts'

/** Effects stored less than this number of rows before the end may still be on their way. */
const RECENT_ROWS = 50
/** Within this time the answer to a start or a stop arrives, in milliseconds. */
const ANSWER_MS = 1000

/**
 * At the end the stored states are true: a recording that rolls has a healthy page, one that has given up says why, and
 * one that was to stop has stopped. What runs at Agora belongs to a recording or is a reported orphan, and no effect is
 * left undone.
 */
export const converges: Invariant = (context) => {
  const stopped = new Set<string>()
  const reportedSids = new Set<string>()
  const stopSentAt = new Map<string, number>()
  return {
    onSend: (call, { sid = '' }) => {
      if (call === 'stop') stopSentAt.set(sid, context.world.time.now())
    },
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
      for (const task of context.world.agora.tasks) {
        const isBeingStopped = context.world.time.now() - (stopSentAt.get(task.sid) ?? 0) < ANSWER_MS
        if (isRunning(task) && !isBeingStopped) checkTask(context, task, reportedSids)
      }
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
  if (isRollingOver(context, recording) || (state !== 'rolling' && state !== 'paused')) return
  const attempt = currentAttempt(recording)
  const task = attempt && runningTask(context, id, attempt.number)
  if (recording.kind === 'channel') {
    if (state === 'rolling' && !task) context.breach(`${id}: state ${state}, and nothing is recorded`)
    return
  }
  const page = task && context.world.pages.of(task)
  if (task && task.onhold !== recording.paused) {
    context.breach(
      `${id}: ${recording.paused ? 'paused, and Agora writes' : 'not paused, and Agora writes nothing'}`,
    )
  }
  // While the recording is paused, a page that is not healthy costs nothing.
  if (state === 'paused') return
  if (!page || !isHealthyAndReporting(context, page, recording.policy)) {
    context.breach(`${id}: state ${state}, and its page is not healthy`)
  }
}

const checkTask = (
  context: InvariantContext,
  { recordingId, attempt, sid, startedAt, channel, expiresAt }: Task,
  reportedSids: ReadonlySet<string>,
): void => {
  const recording = storedRecording(context, recordingId)
  const settled = context.world.memory.tables.settledAttempts.get(recordingId) ?? []
  const known = findAttempt(recording, attempt) ?? settled.find(({ number }) => number === attempt)
  // The answer to its start may be on its way.
  const isNew = known?.sid === null && context.world.time.now() - startedAt < ANSWER_MS
  if (recording && isSupervised(recording, attempt) && (known?.sid === sid || isNew)) return
  if (known?.state === 'orphaned' && !reportedSids.has(sid)) return
  // `resourceExpiry` judges whether it should have been stopped before.
  if (channel && context.world.time.now() >= expiresAt) return
  // Retention forgets orphans once Agora must have ended them: the reporter takes a step of its clock for time that has passed.
  const isForgotten = !recording && context.world.time.steppedForwardSince(startedAt) > 0
  if (isForgotten && !reportedSids.has(sid)) return
  // The answer to its start is on its way.
  if (recording && known && known === recording.attempts.at(-1) && isRollingOver(context, recording)) return
  context.breach(`${recordingId}: ${sid} of attempt ${attempt} runs, and the attempt is ${known?.state}`)
}
