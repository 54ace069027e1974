import { describe, expect, test } from 'vitest'
import { STORES } from '../testing/stores.ts'
import { IDEMPOTENCY_KEY_MS } from './idempotencyKeys.ts'

const KEY = { key: 'k1', requestHash: 'h1', recordingId: 'a' }
const LATER = 1000 + IDEMPOTENCY_KEY_MS

describe.each(STORES)('a store in %s keeps idempotency keys', (_name, open) => {
  test('for a day, each once', async () => {
    const store = await open()
    await store.insertIdempotencyKey(KEY, 1000)
    expect(await store.loadIdempotencyKey('k1', LATER - 1)).toEqual(KEY)
    expect(await store.loadIdempotencyKey('k2', 1000)).toBeUndefined()
    await expect(store.insertIdempotencyKey({ ...KEY, recordingId: 'b' }, LATER - 1)).rejects.toThrow()
    expect(await store.loadIdempotencyKey('k1', LATER - 1)).toEqual(KEY)
  })

  test('and no longer: then it can be that of another request', async () => {
    const store = await open()
    await store.insertIdempotencyKey(KEY, 1000)
    expect(await store.loadIdempotencyKey('k1', LATER)).toBeUndefined()
    const other = { key: 'k1', requestHash: 'h2', recordingId: 'b' }
    await store.insertIdempotencyKey(other, LATER)
    expect(await store.loadIdempotencyKey('k1', LATER)).toEqual(other)
  })

  test('only if the transaction that stores them is committed', async () => {
    const store = await open()
    const failing = store.transaction(async (operations) => {
      await operations.insertIdempotencyKey(KEY, 1000)
      throw new Error('rolled back')
    })
    await expect(failing).rejects.toThrow('rolled back')
    expect(await store.loadIdempotencyKey('k1', 1000)).toBeUndefined()
  })

  test('until they are pruned, those that are old and no others', async () => {
    const store = await open()
    await store.insertIdempotencyKey(KEY, 1000)
    await store.insertIdempotencyKey({ ...KEY, key: 'k2' }, 1001)
    const cutoffs = { now: LATER, before: 0, deliveriesBefore: 0, notificationsBefore: 0 }
    expect(await store.prune(cutoffs, 10)).toBe(1)
    expect(await store.prune(cutoffs, 10)).toBe(0)
    expect(await store.loadIdempotencyKey('k1', 1001)).toBeUndefined()
    expect(await store.loadIdempotencyKey('k2', 1001)).toMatchObject({ key: 'k2' })
  })
})
