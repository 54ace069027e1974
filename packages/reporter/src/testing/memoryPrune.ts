import { isTerminal } from '../store/recordingFacts.ts'
import type { Cutoffs } from '../store/types.ts'
import type { Recording, Time } from '../supervisor/recording.ts'
import { recordingsWithEffects } from './memoryEffects.ts'
import type { Tables } from './memoryTables.ts'
import { put, remove, type UndoLog } from './undoLog.ts'

/** @returns how many recordings and rows were removed */
export const prune = (tables: Tables, cutoffs: Cutoffs, limit: number, undo: UndoLog): number => {
  const pending = recordingsWithEffects(tables.effects)
  const prunable = [...tables.recordings.values()]
    .filter(({ recording, dueAt }) => isTerminal(recording) && dueAt === null && !pending.has(recording.id))
    .filter(({ updatedAt, recording }) => updatedAt < cutoffs.before && !mayStillRun(recording, cutoffs.now))
    .slice(0, limit)
  for (const { recording } of prunable) {
    remove(tables.recordings, recording.id, undo)
    remove(tables.settledAttempts, recording.id, undo)
    remove(tables.timeline, recording.id, undo)
    remove(tables.lastHeartbeats, recording.id, undo)
    remove(tables.hourlyStatistics, recording.id, undo)
  }
  const entries = drop(tables.timeline, ({ at }) => at < cutoffs.before, undo)
  const hours = drop(tables.hourlyStatistics, ({ hour }) => hour < cutoffs.before, undo)
  const old = [...tables.notifications].filter(([, at]) => at < cutoffs.notificationsBefore).slice(0, limit)
  for (const [key] of old) remove(tables.notifications, key, undo)
  return prunable.length + entries + hours + old.length
}

const mayStillRun = ({ attempts }: Recording, now: Time): boolean =>
  attempts.some(({ state, mayRunUntil }) => state === 'orphaned' && (mayRunUntil ?? now + 1) > now)

/** Removes old rows from the lists of a table, and returns their number. */
const drop = <T>(table: Map<string, T[]>, isOld: (row: T) => boolean, undo: UndoLog): number => {
  let dropped = 0
  for (const [id, rows] of table) {
    const kept = rows.filter((row) => !isOld(row))
    dropped += rows.length - kept.length
    if (kept.length < rows.length) put(table, id, kept, undo)
  }
  return dropped
}
