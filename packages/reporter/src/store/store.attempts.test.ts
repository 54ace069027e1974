import { describe, expect, test } from 'vitest'
import type { Attempt } from '../supervisor/recording.ts'
import { attemptsOf, insertInto, loadFrom, STORES } from '../testing/stores.ts'

const settledOf = (id: string, count: number, changes: Partial<Attempt> = {}): Attempt[] =>
  attemptsOf(
    id,
    Array.from({ length: count }, (_, index) => `sid${index + 1}`),
  ).map((attempt) => ({ ...attempt, state: 'ended', endedAt: 2000, ...changes }))

const numbersOf = (attempts: unknown[]): unknown[] => attempts.map((attempt) => (attempt as Attempt).number)

describe.each(STORES)('settled attempts in %s', (_name, open) => {
  test('are read one by one and page by page, newest first', async () => {
    const store = await open()
    const attempts = settledOf('a', 7)
    await insertInto(store, 'a', { attempts })
    await store.saveSettledAttempts('a', attempts.slice(0, 5))
    await store.saveSettledAttempts('b', settledOf('b', 1))
    expect(await store.loadSettledAttempt('a', 2)).toEqual(attempts[1])
    expect(await store.loadSettledAttempt('a', 6)).toBeUndefined()
    expect(await store.loadSettledAttempt('b', 2)).toBeUndefined()
    const read = async (options: object) =>
      numbersOf(await store.readSettledAttempts('a', { limit: 9, ...options }))
    expect(await read({})).toEqual([5, 4, 3, 2, 1])
    expect(await read({ limit: 2 })).toEqual([5, 4])
    expect(await read({ before: 4, limit: 2 })).toEqual([3, 2])
    expect(await read({ from: 2, before: 4 })).toEqual([3, 2])
  })

  test('are read without those that recorded nothing', async () => {
    const store = await open()
    const [one, two, three] = settledOf('a', 3)
    if (!one || !two || !three) throw new Error('three attempts')
    await store.saveSettledAttempts('a', [{ ...one, loadedAt: 1500 }, two, { ...three, files: ['a.m3u8'] }])
    const recorded = await store.readSettledAttempts('a', { recordedOnly: true, limit: 9 })
    expect(numbersOf(recorded)).toEqual([3, 1])
  })

  test('are replaced when they settle again, and found by their new sid', async () => {
    const store = await open()
    const [attempt] = settledOf('a', 1)
    if (!attempt) throw new Error('an attempt')
    await insertInto(store, 'a', { attemptCount: 1 })
    await store.saveSettledAttempts('a', [attempt])
    await store.saveSettledAttempts('a', [{ ...attempt, sid: 'later', files: ['late.m3u8'] }])
    expect(await store.loadSettledAttempt('a', 1)).toMatchObject({ sid: 'later', files: ['late.m3u8'] })
    const key = { recordingId: 'a', number: 1, sid: 'later' }
    expect(await store.findAttempt({ sid: 'later', cname: 'other', uid: '1' })).toEqual(key)
  })

  test('are found by their sid, and by their uid, after they have left the body', async () => {
    const store = await open()
    const attempts = settledOf('a', 2)
    await insertInto(store, 'a', { attempts })
    await store.saveSettledAttempts('a', attempts.slice(0, 1))
    const stored = await loadFrom(store, 'a')
    await store.saveRecording(stored, { ...stored.recording, attempts: attempts.slice(1) }, 3000)
    const found = { recordingId: 'a', number: 1, sid: 'sid1' }
    expect(await store.findAttempt({ sid: 'sid1', cname: 'a', uid: 'x' })).toEqual(found)
    expect(await store.findAttempt({ cname: 'a', uid: '900001' })).toEqual(found)
  })

  test('are pruned with their recording', async () => {
    const store = await open()
    await insertInto(store, 'a', { state: 'stopped', attemptCount: 300 })
    await store.saveSettledAttempts('a', settledOf('a', 300))
    const cutoffs = { now: 9000, before: 5000, deliveriesBefore: 0, notificationsBefore: 0 }
    while ((await store.prune(cutoffs, 1000)) > 0);
    expect(await store.readSettledAttempts('a', { limit: 500 })).toEqual([])
  })
})
