import type { StoreOperations } from '../store/store.ts'
import type { Tables } from './memoryTables.ts'
import { put, type UndoLog } from './undoLog.ts'

export type DowntimeOperation = 'readDowntimes' | 'addDowntime' | 'readTick' | 'writeTick'

export const downtimeOperations = (
  tables: Tables,
  undo: UndoLog,
): Pick<StoreOperations, DowntimeOperation> => ({
  readDowntimes: async () => tables.downtimes,
  addDowntime: async ({ downtimeMs, clockStepBackMs }, endedAt) => {
    const { downtimes: before, tick } = tables
    undo.push(() => Object.assign(tables, { downtimes: before, tick }))
    tables.tick = endedAt
    tables.downtimes = {
      count: before.count + 1,
      downtimeMs: before.downtimeMs + downtimeMs,
      clockStepBackMs: before.clockStepBackMs + clockStepBackMs,
      endedAt,
    }
    if (clockStepBackMs > 0) shiftTimes(tables, clockStepBackMs, undo)
    return tables.downtimes
  },
  readTick: async () => tables.tick,
  writeTick: async (now) => {
    const before = tables.tick
    undo.push(() => {
      tables.tick = before
    })
    tables.tick = now
  },
})

const shiftTimes = ({ recordings, effects, deliveryQueues }: Tables, byMs: number, undo: UndoLog): void => {
  for (const [id, row] of recordings) {
    if (row.dueAt !== null) put(recordings, id, { ...row, dueAt: row.dueAt - byMs }, undo)
  }
  for (const [id, row] of effects) {
    if (row.claimedUntil > 0) put(effects, id, { ...row, claimedUntil: row.claimedUntil - byMs }, undo)
  }
  for (const [key, row] of deliveryQueues) {
    if (row.dueAt === null) continue
    const claimedUntil = row.claimedUntil > 0 ? row.claimedUntil - byMs : 0
    put(deliveryQueues, key, { ...row, dueAt: row.dueAt - byMs, claimedUntil }, undo)
  }
}
