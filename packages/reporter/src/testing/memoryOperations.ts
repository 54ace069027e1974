import type { DeliveryOperations } from '../store/deliveryOperations.ts'
import { mergeHourlyStatistics } from '../store/hourlyStatistics.ts'
import type { JobOperations } from '../store/jobOperations.ts'
import type { StoreOperations } from '../store/store.ts'
import { type AttemptOperation, attemptOperations } from './memoryAttempts.ts'
import { deliveryOperations } from './memoryDeliveries.ts'
import { type DowntimeOperation, downtimeOperations } from './memoryDowntimes.ts'
import { type EffectOperation, effectOperations } from './memoryEffects.ts'
import { jobOperations } from './memoryJobs.ts'
import { type KeyOperation, keyOperations } from './memoryKeys.ts'
import { prune } from './memoryPrune.ts'
import { type RecordingOperation, recordingOperations } from './memoryRecordings.ts'
import type { Tables } from './memoryTables.ts'
import { type TaskNameOperation, taskNameOperations } from './memoryTaskNames.ts'
import { type TimelineOperation, timelineOperations } from './memoryTimeline.ts'
import { put, type UndoLog } from './undoLog.ts'

/** Operations that take effect immediately. Every write pushes its undo function. */
export const operationsOn = (tables: Tables, undo: UndoLog): StoreOperations => ({
  ...recordingOperations(tables, undo),
  ...attemptOperations(tables, undo),
  ...taskNameOperations(tables),
  ...timelineOperations(tables, undo),
  ...effectOperations(tables, undo),
  ...downtimeOperations(tables, undo),
  ...deliveryOperations(tables, undo),
  ...jobOperations(tables, undo),
  ...keyOperations(tables, undo),
  ...otherOperations(tables, undo),
})

type OtherOperation = Exclude<
  keyof StoreOperations,
  | RecordingOperation
  | AttemptOperation
  | TaskNameOperation
  | TimelineOperation
  | EffectOperation
  | DowntimeOperation
  | KeyOperation
  | keyof DeliveryOperations
  | keyof JobOperations
>

const otherOperations = (tables: Tables, undo: UndoLog): Pick<StoreOperations, OtherOperation> => ({
  rememberNotification: async ({ noticeId, sid, uid, eventType, sequence }, now) => {
    const keys = [noticeId, ...(sequence === null ? [] : [JSON.stringify([sid, uid, eventType, sequence])])]
    if (keys.some((key) => tables.notifications.has(key))) return false
    for (const key of keys) tables.notifications.set(key, now)
    undo.push(() => {
      for (const key of keys) tables.notifications.delete(key)
    })
    return true
  },
  saveLastHeartbeats: async (heartbeats) => {
    for (const { recordingId, attempt, page, seq, at } of heartbeats) {
      put(tables.lastHeartbeats, recordingId, { recordingId, attempt, page, seq, at }, undo)
    }
  },
  addHourlyStatistics: async (statistics) => {
    for (const added of statistics) {
      const others = tables.hourlyStatistics.get(added.recordingId) ?? []
      const same = others.find(({ attempt, hour }) => attempt === added.attempt && hour === added.hour)
      const merged = same ? mergeHourlyStatistics(same, added) : added
      put(
        tables.hourlyStatistics,
        added.recordingId,
        [...others.filter((each) => each !== same), merged],
        undo,
      )
    }
  },
  readHourlyStatistics: async (recordingId) =>
    (tables.hourlyStatistics.get(recordingId) ?? []).toSorted(
      (one, other) => one.hour - other.hour || one.attempt - other.attempt,
    ),
  prune: async (cutoffs, limit) => prune(tables, cutoffs, limit, undo),
})
