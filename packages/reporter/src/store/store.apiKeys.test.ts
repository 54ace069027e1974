import { describe, expect, test } from 'vitest'
import { memoryDatabase } from '../testing/database.ts'
import { STORES } from '../testing/stores.ts'
import { createSqliteStore } from './sqlite/sqliteStore.ts'
import type { ApiKey } from './types.ts'

const KEY: ApiKey = {
  ...{ id: 'key1', name: 'backend', scope: 'write' },
  ...{ createdAt: 1000, lastUsedAt: null, revokedAt: null },
}

describe.each(STORES)('a store in %s keeps API keys', (_name, open) => {
  test('that are found by the hash of their secret, and listed from the oldest on', async () => {
    const store = await open()
    const older: ApiKey = { ...KEY, id: 'key0', name: 'ops', scope: 'admin', createdAt: 500 }
    await store.insertApiKey(KEY, 'h1')
    await store.insertApiKey(older, 'h0')
    expect(await store.findApiKey('h1')).toEqual(KEY)
    expect(await store.findApiKey('h2')).toBeUndefined()
    expect(await store.readApiKeys()).toEqual([older, KEY])
  })

  test('each once', async () => {
    const store = await open()
    await store.insertApiKey(KEY, 'h1')
    await expect(store.insertApiKey(KEY, 'h2')).rejects.toThrow()
    await expect(store.insertApiKey({ ...KEY, id: 'key2' }, 'h1')).rejects.toThrow()
    expect(await store.readApiKeys()).toEqual([KEY])
  })

  test('with the time of their last use, and of their first revocation', async () => {
    const store = await open()
    await store.insertApiKey(KEY, 'h1')
    await store.markApiKeyUsed('key1', 2000)
    expect(await store.findApiKey('h1')).toEqual({ ...KEY, lastUsedAt: 2000 })
    await store.revokeApiKey('key1', 3000)
    await store.revokeApiKey('key1', 4000)
    expect(await store.findApiKey('h1')).toEqual({ ...KEY, lastUsedAt: 2000, revokedAt: 3000 })
    await store.revokeApiKey('key2', 4000)
    await store.markApiKeyUsed('key2', 4000)
    expect(await store.readApiKeys()).toHaveLength(1)
  })

  test('and prunes those that were revoked long ago', async () => {
    const store = await open()
    for (const id of ['key1', 'key2', 'key3']) await store.insertApiKey({ ...KEY, id }, id)
    await store.revokeApiKey('key1', 4999)
    await store.revokeApiKey('key2', 5000)
    const cutoffs = { now: 9000, before: 5000, deliveriesBefore: 0, notificationsBefore: 0 }
    expect(await store.prune(cutoffs, 10)).toBe(1)
    expect(await store.prune(cutoffs, 10)).toBe(0)
    expect((await store.readApiKeys()).map(({ id }) => id)).toEqual(['key2', 'key3'])
  })

  test('only if their transaction is committed', async () => {
    const store = await open()
    await store.insertApiKey(KEY, 'h1')
    const failing = store.transaction(async (operations) => {
      await operations.insertApiKey({ ...KEY, id: 'key2' }, 'h2')
      await operations.revokeApiKey('key1', 2000)
      throw new Error('rolled back')
    })
    await expect(failing).rejects.toThrow('rolled back')
    expect(await store.readApiKeys()).toEqual([KEY])
  })
})

test('a key with a scope that a later version knows has no rights', async () => {
  const db = await memoryDatabase()
  const store = createSqliteStore(db)
  await store.insertApiKey(KEY, 'h1')
  await db.updateTable('api_keys').set({ scope: 'billing' }).execute()
  expect(await store.findApiKey('h1')).toBeUndefined()
  expect(await store.readApiKeys()).toEqual([])
})
