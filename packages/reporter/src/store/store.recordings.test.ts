import { describe, expect, test } from 'vitest'
import { attemptsOf, insertInto, loadFrom, requestOf, STORES } from '../testing/stores.ts'
import { VersionConflictError } from './errors.ts'
import type { Store } from './store.ts'

describe.each(STORES)('a store in %s', (_name, open) => {
  describe('stores recordings', () => {
    test('and reads them as they were written', async () => {
      const store = await open()
      const recording = await insertInto(store, 'a', {
        deadlines: { retryAt: 5000.5 },
        attempts: attemptsOf('a', ['sid1', null]),
      })
      expect(await store.loadRecording('a')).toMatchObject({ recording, version: 1, request: requestOf('a') })
      expect(await store.loadRecording('b')).toBeUndefined()
    })

    test('and refuses an id that exists', async () => {
      const store = await open()
      const recording = await insertInto(store, 'a')
      await expect(insertInto(store, 'a', { state: 'rolling' })).rejects.toThrow()
      expect((await loadFrom(store, 'a')).recording).toEqual(recording)
    })

    test('and refuses a write that is based on an older version', async () => {
      const store = await open()
      await insertInto(store, 'a')
      const stored = await loadFrom(store, 'a')
      await store.saveRecording(stored, { ...stored.recording, state: 'rolling' }, 2000)
      const stale = store.saveRecording(stored, { ...stored.recording, state: 'failed' }, 3000)
      await expect(stale).rejects.toThrow(VersionConflictError)
      expect(await loadFrom(store, 'a')).toMatchObject({ version: 2, recording: { state: 'rolling' } })
    })

    test('and replaces a request, without changing the version', async () => {
      const store = await open()
      await insertInto(store, 'a')
      await insertInto(store, 'b')
      const request = { ...requestOf('a'), metadata: { course: '7b' } }
      await store.saveRequest('a', request)
      expect(await loadFrom(store, 'a')).toMatchObject({ request, version: 1 })
      expect((await loadFrom(store, 'b')).request).toEqual(requestOf('b'))
      await expect(
        store.transaction(async (operations) => {
          await operations.saveRequest('a', requestOf('a'))
          throw new Error('rolled back')
        }),
      ).rejects.toThrow('rolled back')
      expect((await loadFrom(store, 'a')).request).toEqual(request)
    })

    test('and refuses to update a recording that does not exist', async () => {
      const store = await open()
      await insertInto(store, 'a')
      const stored = await loadFrom(store, 'a')
      const unknown = store.saveRecording(stored, { ...stored.recording, id: 'b' }, 2000)
      await expect(unknown).rejects.toThrow(VersionConflictError)
      expect(await store.loadRecording('b')).toBeUndefined()
    })
  })

  describe('finds recordings', () => {
    test('with a passed deadline, the most overdue first, without the excluded ones', async () => {
      const store = await open()
      await insertInto(store, 'later', { deadlines: { retryAt: 9000 } })
      await insertInto(store, 'never')
      await insertInto(store, 'second', { deadlines: { retryAt: 4000, stopBy: 5000 } })
      await insertInto(store, 'first', { deadlines: { retryAt: 3000, stopBy: 8000 } })
      expect(await store.dueRecordings(5000, { limit: 9, except: [] })).toEqual(['first', 'second'])
      expect(await store.dueRecordings(5000, { limit: 1, except: [] })).toEqual(['first'])
      expect(await store.dueRecordings(5000, { limit: 1, except: ['first'] })).toEqual(['second'])
      expect(await store.dueRecordings(5000, { limit: 9, except: [], after: 2999 })).toEqual([
        'first',
        'second',
      ])
      expect(await store.dueRecordings(5000, { limit: 9, except: [], after: 3000 })).toEqual(['second'])
    })

    test('by their most recently saved deadlines', async () => {
      const store = await open()
      await insertInto(store, 'a', { deadlines: { retryAt: 4000 } })
      const stored = await loadFrom(store, 'a')
      await store.saveRecording(stored, { ...stored.recording, deadlines: {} }, 2000)
      expect(await store.dueRecordings(5000, { limit: 9, except: [] })).toEqual([])
    })

    test('later if their due times were pushed back, unless a newer version was written', async () => {
      const store = await open()
      for (const id of ['a', 'b', 'c']) await insertInto(store, id, { deadlines: { stopBy: 4000 } })
      const stored = await loadFrom(store, 'b')
      await store.saveRecording(stored, { ...stored.recording, deadlines: { stopBy: 3000 } }, 2000)
      const pushedBack = (id: string) => ({ id, version: 1, dueAt: 6000 })
      expect(await store.pushBackDueTimes([])).toEqual([])
      const updated = await store.pushBackDueTimes(['a', 'b', 'c', 'unknown'].map(pushedBack))
      expect(updated.sort()).toEqual(['a', 'c'])
      expect(await store.dueRecordings(5999, { limit: 9, except: [] })).toEqual(['b'])
      expect(await store.dueRecordings(6000, { limit: 9, except: [] })).toEqual(['b', 'a', 'c'])
      expect(await loadFrom(store, 'a')).toMatchObject({
        version: 1,
        recording: { deadlines: { stopBy: 4000 } },
      })
    })

    test('that are not in a terminal state', async () => {
      const store = await open()
      for (const state of ['starting', 'unhealthy', 'stopping', 'stopped', 'failed'] as const) {
        await insertInto(store, state, { state })
      }
      expect((await store.liveRecordings()).sort()).toEqual(['starting', 'stopping', 'unhealthy'])
      expect(await store.countRecordings()).toBe(3)
    })

    test('with their standbys where work is found, and without them where recordings are listed or counted', async () => {
      const store = await open()
      for (const [id, uidBase] of [
        ['a', 900_000],
        ['a~standby', 1_000_000],
      ] as const) {
        await insertInto(store, id, { cname: 'a', uidBase, deadlines: { retryAt: 4000 } })
      }
      const both = ['a', 'a~standby']
      expect((await store.liveRecordings()).sort()).toEqual(both)
      expect((await store.dueRecordings(5000, { limit: 9, except: [] })).sort()).toEqual(both)
      expect((await store.liveRecordingsIn('a')).sort()).toEqual(both)
      expect((await store.loadRecordings(both)).map(({ id }) => id).sort()).toEqual(both)
      expect(await store.countRecordings()).toBe(1)
      expect((await store.listRecordings({ limit: 9 })).map(({ id }) => id)).toEqual(['a'])
      expect(await store.listRecordings({ limit: 9, before: { createdAt: 1000, id: 'a' } })).toEqual([])
    })

    test('by their ids', async () => {
      const store = await open()
      for (const id of ['a', 'b', 'c']) await insertInto(store, id)
      const listed = await store.loadRecordings(['c', 'unknown', 'a'])
      expect(listed.map(({ id }) => id).sort()).toEqual(['a', 'c'])
      for (const { id, stored } of listed) expect(stored).toEqual(await loadFrom(store, id))
      expect(await store.loadRecordings([])).toEqual([])
    })

    test('that are in a terminal state with a stop that is not confirmed', async () => {
      const store = await open()
      await insertInto(store, 'done', { state: 'failed' })
      await insertInto(store, 'waiting', { state: 'failed', deadlines: { stopBy: 9000 } })
      await insertInto(store, 'sending', { state: 'failed' })
      await store.addEffects('sending', [{ kind: 'stop', attempt: 1 }], 1000)
      expect((await store.liveRecordings()).sort()).toEqual(['sending', 'waiting'])
    })

    test('page by page, newest first, with ties ordered by id', async () => {
      const store = await open()
      await insertInto(store, 'old', { createdAt: 1, state: 'rolling' })
      await insertInto(store, 'b', { createdAt: 2 })
      await insertInto(store, 'a', { createdAt: 2, state: 'rolling' })
      await insertInto(store, 'new', { createdAt: 3 })
      const ids = async (options: Parameters<Store['listRecordings']>[0]) =>
        (await store.listRecordings(options)).map(({ id }) => id)
      expect(await ids({ limit: 3 })).toEqual(['new', 'b', 'a'])
      expect(await ids({ limit: 3, before: { createdAt: 2, id: 'b' } })).toEqual(['a', 'old'])
      expect(await ids({ limit: 3, states: ['rolling'] })).toEqual(['a', 'old'])
      expect(await ids({ limit: 3, before: { createdAt: 2, id: 'pruned' } })).toEqual(['b', 'a', 'old'])
    })
  })
})
