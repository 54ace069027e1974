import { IDEMPOTENCY_KEY_MS } from '../store/idempotencyKeys.ts'
import type { StoreOperations } from '../store/store.ts'
import type { Time } from '../supervisor/recording.ts'
import type { Tables } from './memoryTables.ts'
import { put, remove, type UndoLog } from './undoLog.ts'

export type KeyOperation = 'insertIdempotencyKey' | 'loadIdempotencyKey'

export const keyOperations = (
  { idempotencyKeys }: Tables,
  undo: UndoLog,
): Pick<StoreOperations, KeyOperation> => {
  const kept = (key: string, now: Time) => {
    const row = idempotencyKeys.get(key)
    return row && row.createdAt > now - IDEMPOTENCY_KEY_MS ? row : undefined
  }
  return {
    insertIdempotencyKey: async (row, now) => {
      if (kept(row.key, now)) throw new Error(`The idempotency key ${row.key} exists`)
      put(idempotencyKeys, row.key, { ...row, createdAt: now }, undo)
    },
    loadIdempotencyKey: async (key, now) => {
      const row = kept(key, now)
      return row && { key, requestHash: row.requestHash, recordingId: row.recordingId }
    },
  }
}

/** @returns how many were removed */
export const pruneKeys = ({ idempotencyKeys }: Tables, now: Time, limit: number, undo: UndoLog): number => {
  const old = [...idempotencyKeys.values()]
    .filter(({ createdAt }) => createdAt <= now - IDEMPOTENCY_KEY_MS)
    .slice(0, limit)
  for (const { key } of old) remove(idempotencyKeys, key, undo)
  return old.length
}
