import { mainIdOf, standbyIdOf } from '../standbyId.ts'
import { isTerminal } from '../store/recordingFacts.ts'
import type { Cutoffs } from '../store/types.ts'
import type { Recording, Time } from '../supervisor/recording.ts'
import { recordingsWithEffects } from './memoryEffects.ts'
import { pruneKeys } from './memoryKeys.ts'
import type { RecordingRow, Tables } from './memoryTables.ts'
import { put, remove, type UndoLog } from './undoLog.ts'

/** @returns how many recordings and rows were removed */
export const prune = (tables: Tables, cutoffs: Cutoffs, limit: number, undo: UndoLog): number => {
  const pending = recordingsWithEffects(tables.effects)
  const oldDeliveries = [...tables.deliveries.values()]
    .filter(({ state, createdAt }) => state !== 'pending' && createdAt < cutoffs.deliveriesBefore)
    .slice(0, limit)
  for (const { id } of oldDeliveries) remove(tables.deliveries, id, undo)
  const announced = new Set(
    [...tables.deliveries.values()].flatMap(({ state, recordingId }) =>
      state === 'pending' ? [recordingId] : [],
    ),
  )
  const isPrunable = ({ recording, dueAt, updatedAt }: RecordingRow): boolean =>
    isTerminal(recording) &&
    dueAt === null &&
    !pending.has(recording.id) &&
    !announced.has(recording.id) &&
    updatedAt < cutoffs.before &&
    !mayStillRun(recording, cutoffs.now)
  const prunable = withStandbys(tables, isPrunable, limit)
  for (const id of prunable) {
    removeDeliveries(tables, id, undo)
    remove(tables.recordings, id, undo)
    remove(tables.settledAttempts, id, undo)
    remove(tables.timeline, id, undo)
    remove(tables.lastHeartbeats, id, undo)
    remove(tables.hourlyStatistics, id, undo)
  }
  const entries = drop(tables.timeline, ({ at }) => at < cutoffs.before, undo)
  const hours = drop(tables.hourlyStatistics, ({ hour }) => hour < cutoffs.before, undo)
  const old = [...tables.notifications].filter(([, at]) => at < cutoffs.notificationsBefore).slice(0, limit)
  for (const [key] of old) remove(tables.notifications, key, undo)
  const keys = pruneKeys(tables, cutoffs, limit, undo)
  const jobs = pruneJobs(tables, cutoffs.before, undo)
  return prunable.length + oldDeliveries.length + entries + hours + old.length + keys + jobs
}

/** @returns the number of rows */
const pruneJobs = ({ jobs, jobItems }: Tables, before: Time, undo: UndoLog): number => {
  const old = [...jobs.values()].filter(({ endedAt }) => endedAt !== null && endedAt < before)
  const items = old.flatMap(({ id }) => jobItems.get(id) ?? [])
  for (const { id } of old) {
    remove(jobs, id, undo)
    remove(jobItems, id, undo)
  }
  return old.length + items.length
}

const removeDeliveries = (
  { deliveries, deliveryQueues, deliveryCauses }: Tables,
  recordingId: string,
  undo: UndoLog,
): void => {
  for (const row of deliveries.values()) {
    if (row.recordingId === recordingId) remove(deliveries, row.id, undo)
  }
  for (const [key, row] of deliveryQueues) {
    if (row.recordingId === recordingId) remove(deliveryQueues, key, undo)
  }
  for (const [key, holders] of deliveryCauses) {
    const others = holders.filter((id) => id !== recordingId)
    if (others.length < holders.length) put(deliveryCauses, key, others, undo)
  }
}

/** The ids of at most `limit` rows, but of no recording without its standby. */
const withStandbys = (
  { recordings }: Tables,
  isPrunable: (row: RecordingRow) => boolean,
  limit: number,
): string[] => {
  const ids: string[] = []
  for (const [id, row] of recordings) {
    const standby = recordings.get(standbyIdOf(id))
    const both = standby ? [row, standby] : [row]
    if (mainIdOf(id) !== undefined || !both.every(isPrunable)) continue
    if (ids.length > 0 && ids.length + both.length > limit) break
    ids.push(...both.map(({ recording }) => recording.id))
  }
  return ids
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
