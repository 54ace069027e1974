import { findAttempt } from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import { beginsAt, endsAt } from '../../../packages/reporter/src/supervisor/schedule.ts'
import { isRunning } from '../environment/task.ts'
import { type Invariant, isFaultFreeSince, storedRecording } from './context.ts'

/** How often the recordings are looked at, in milliseconds. */
const CHECK_MS = 5000
/** From a time until it is decided on, in milliseconds. */
const DECISION_MS = 3000
/** From an end until Agora has carried out the stop, in milliseconds. */
const STOP_MS = 90_000
/** An earlier fault may have postponed a stop, but not by more than this, in milliseconds. */
const AFTERMATH_MS = 180_000
/** A decision is stored a moment after its time; the clock may step between the two. */
const isBefore = (now: number, at: number): boolean => now < at - 1000

/**
 * A recording begins and ends at the times of its schedule, by the clock on the wall: never before and, when the world lets
 * it, not later either. After its end nothing of it is recorded.
 */
export const onSchedule: Invariant = (context) => {
  const { world, breach } = context
  const { time } = world

  const check = (recording: Recording): void => {
    const { id, schedule, awaitsStart, desired } = recording
    const since = time.now() - DECISION_MS
    if (!isFaultFreeSince(context, since)) return
    const late = time.wallNow() - DECISION_MS
    if (awaitsStart && (beginsAt(schedule) ?? late) < late)
      breach(`${id}: its time has come, and it has not begun`)
    const end = endsAt(recording)
    if (end === null || desired === 'stopped' || end >= late) return
    breach(`${id}: its time is over, and it goes on`)
  }
  const checkTasks = (): void => {
    if (!isFaultFreeSince(context, time.now() - AFTERMATH_MS)) return
    for (const task of world.agora.tasks) {
      const recording = isRunning(task) ? storedRecording(context, task.recordingId) : undefined
      const end = recording ? endsAt(recording) : null
      if (!recording || end === null || end > time.wallNow() - STOP_MS) continue
      if (findAttempt(recording, task.attempt)?.state === 'orphaned') continue
      breach(`${task.recordingId}: ${task.sid} records after the end of its time`)
    }
  }
  const checkAll = (): void => {
    for (const { recording } of world.memory.tables.recordings.values()) check(recording)
    checkTasks()
    time.after(CHECK_MS, checkAll)
  }
  time.after(CHECK_MS, checkAll)

  return {
    onCommit: ({ before, after, signal }) => {
      const now = time.wallNow()
      const begin = beginsAt(after.schedule)
      const hasBegun = before.attemptCount === 0 && after.attemptCount > 0
      if (hasBegun && signal.type !== 'restart' && begin !== null && isBefore(now, begin)) {
        breach(`${after.id}: begins before its time`)
      }
      const end = endsAt(after)
      const isOver = before.desired === 'running' && after.reason?.code === 'time_over'
      if (isOver && (end === null || isBefore(now, end))) breach(`${after.id}: ends before its time`)
    },
  }
}
