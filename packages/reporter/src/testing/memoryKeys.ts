import { IDEMPOTENCY_KEY_MS } from '../store/idempotencyKeys.ts'
import type { StoreOperations } from '../store/store.ts'
import type { ApiKey, Cutoffs } from '../store/types.ts'
import type { Time } from '../supervisor/recording.ts'
import type { Tables } from './memoryTables.ts'
import { put, remove, type UndoLog } from './undoLog.ts'

export type KeyOperation =
  | 'insertApiKey'
  | 'findApiKey'
  | 'readApiKeys'
  | 'revokeApiKey'
  | 'markApiKeyUsed'
  | 'insertIdempotencyKey'
  | 'loadIdempotencyKey'

export const keyOperations = (tables: Tables, undo: UndoLog): Pick<StoreOperations, KeyOperation> => ({
  ...apiKeyOperations(tables, undo),
  ...idempotencyKeyOperations(tables, undo),
})

const apiKeyOperations = ({ apiKeys }: Tables, undo: UndoLog) => {
  const change = (id: string, changes: (key: ApiKey) => Partial<ApiKey>): void => {
    const row = apiKeys.get(id)
    if (row) put(apiKeys, id, { ...row, ...changes(row) }, undo)
  }
  return {
    insertApiKey: async (key: ApiKey, hash: string): Promise<void> => {
      const isKnown = apiKeys.has(key.id) || [...apiKeys.values()].some((row) => row.hash === hash)
      if (isKnown) throw new Error(`The API key ${key.id} exists`)
      put(apiKeys, key.id, { ...key, hash }, undo)
    },
    findApiKey: async (hash: string): Promise<ApiKey | undefined> => {
      const row = [...apiKeys.values()].find((each) => each.hash === hash)
      return row && withoutHash(row)
    },
    readApiKeys: async (): Promise<ApiKey[]> =>
      [...apiKeys.values()]
        .map(withoutHash)
        .toSorted((one, other) => one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1)),
    revokeApiKey: async (id: string, now: Time): Promise<void> =>
      change(id, ({ revokedAt }) => ({ revokedAt: revokedAt ?? now })),
    markApiKeyUsed: async (id: string, now: Time): Promise<void> => change(id, () => ({ lastUsedAt: now })),
  }
}

const withoutHash = ({ hash: _, ...key }: ApiKey & { hash: string }): ApiKey => key

const idempotencyKeyOperations = ({ idempotencyKeys }: Tables, undo: UndoLog) => {
  const kept = (key: string, now: Time) => {
    const row = idempotencyKeys.get(key)
    return row && row.createdAt > now - IDEMPOTENCY_KEY_MS ? row : undefined
  }
  const operations: Pick<StoreOperations, 'insertIdempotencyKey' | 'loadIdempotencyKey'> = {
    insertIdempotencyKey: async (row, now) => {
      if (kept(row.key, now)) throw new Error(`The idempotency key ${row.key} exists`)
      put(idempotencyKeys, row.key, { ...row, createdAt: now }, undo)
    },
    loadIdempotencyKey: async (key, now) => {
      const row = kept(key, now)
      return row && { key, requestHash: row.requestHash, recordingId: row.recordingId }
    },
  }
  return operations
}

/** @returns how many were removed */
export const pruneKeys = (
  { apiKeys, idempotencyKeys }: Tables,
  { now, before }: Cutoffs,
  limit: number,
  undo: UndoLog,
): number => {
  const old = [...idempotencyKeys.values()]
    .filter(({ createdAt }) => createdAt <= now - IDEMPOTENCY_KEY_MS)
    .slice(0, limit)
  for (const { key } of old) remove(idempotencyKeys, key, undo)
  const revoked = [...apiKeys.values()].filter(({ revokedAt }) => revokedAt !== null && revokedAt < before)
  for (const { id } of revoked.slice(0, limit)) remove(apiKeys, id, undo)
  return old.length + Math.min(revoked.length, limit)
}
