import { describe, expect, test } from 'vitest'
import { NO_DOWNTIMES } from '../supervisor/recording.ts'
import { HOUR_MS, insertInto, loadFrom, STORES, statisticsOf } from '../testing/stores.ts'
import type { Store } from './store.ts'
import type { ClaimRequest } from './types.ts'

describe.each(STORES)('a store in %s', (_name, open) => {
  describe('stores timelines', () => {
    test('per recording, and reads them in order, page by page', async () => {
      const store = await open()
      const entry = { attempt: 1, message: 'text', evidence: { sid: 'sid1' } }
      await store.appendTimeline(
        'a',
        [
          { ...entry, code: 'one' },
          { ...entry, code: 'two' },
        ],
        1000,
      )
      await store.appendTimeline('b', [{ ...entry, code: 'other' }], 1500)
      await store.appendTimeline('a', [{ ...entry, code: 'three', attempt: null }], 2000)
      const [one, two, ...more] = await store.readTimeline('a', { after: 0, limit: 2 })
      expect(one).toMatchObject({ ...entry, code: 'one', at: 1000 })
      expect(two).toMatchObject({ code: 'two' })
      expect(more).toEqual([])
      const rest = await store.readTimeline('a', { after: two?.id ?? 0, limit: 9 })
      expect(rest).toMatchObject([{ code: 'three', at: 2000, attempt: null }])
    })
  })

  describe('stores effects', () => {
    const request: ClaimRequest = { kinds: ['start', 'query', 'stop'], limit: 10, leaseMs: 1000 }
    const kinds = (effects: { kind: string }[]): string[] => effects.map(({ kind }) => kind)
    const withStart = async (): Promise<Store> => {
      const store = await open()
      await store.addEffects('a', [{ kind: 'start', attempt: 1 }], 0)
      return store
    }
    const claimOne = async (store: Store): Promise<number> =>
      (await store.claimEffects(0, request))[0]?.id ?? Number.NaN

    test('and lets one caller claim them, oldest first, up to the limit', async () => {
      const store = await withStart()
      await store.addEffects('a', [{ kind: 'stop', attempt: 2 }], 0)
      await store.addEffects('b', [{ kind: 'query', attempt: 3 }], 0)
      expect(await store.claimEffects(0, { ...request, limit: 2 })).toEqual([
        { id: expect.any(Number), recordingId: 'a', kind: 'start', attempt: 1 },
        { id: expect.any(Number), recordingId: 'a', kind: 'stop', attempt: 2 },
      ])
      expect(kinds(await store.claimEffects(0, request))).toEqual(['query'])
      expect(await store.claimEffects(999, request)).toEqual([])
    })

    test('and claims kinds separately, so that no kind waits for another', async () => {
      const store = await open()
      await store.addEffects('a', [{ kind: 'routineQuery', attempt: 1 }], 0)
      await store.addEffects('b', [{ kind: 'start', attempt: 1 }], 0)
      const first: ClaimRequest = { kinds: ['start', 'stop'], limit: 1, leaseMs: 1000 }
      expect(kinds(await store.claimEffects(0, first))).toEqual(['start'])
      expect(await store.claimEffects(0, first)).toEqual([])
      expect(kinds(await store.claimEffects(0, { ...first, kinds: ['routineQuery'] }))).toEqual([
        'routineQuery',
      ])
    })

    test('that can be claimed again after their lease has expired', async () => {
      const store = await withStart()
      await store.claimEffects(0, request)
      expect(kinds(await store.claimEffects(1000, request))).toEqual(['start'])
    })

    test('and removes completed ones', async () => {
      const store = await withStart()
      await store.completeEffect(await claimOne(store))
      expect(await store.claimEffects(5000, request)).toEqual([])
    })

    test('that can be claimed again from a given time after they were released', async () => {
      const store = await withStart()
      await store.releaseEffect(await claimOne(store), 500)
      expect(await store.claimEffects(499, request)).toEqual([])
      expect(kinds(await store.claimEffects(500, request))).toEqual(['start'])
    })

    test('whose leases move with the clock', async () => {
      const store = await withStart()
      await store.claimEffects(5000, request)
      await store.addEffects('a', [{ kind: 'stop', attempt: 1 }], 5000)
      await store.addDowntime({ downtimeMs: 0, clockStepBackMs: 4000 }, 1000)
      expect(kinds(await store.claimEffects(1999, request))).toEqual(['stop'])
      expect(kinds(await store.claimEffects(2000, request))).toEqual(['start'])
    })

    test('that can be claimed immediately after all claims were released', async () => {
      const store = await withStart()
      await store.claimEffects(0, request)
      await store.releaseClaims()
      expect(kinds(await store.claimEffects(1, request))).toEqual(['start'])
    })
  })

  describe('adds up downtimes', () => {
    test('starting with none', async () => {
      const store = await open()
      expect(await store.readDowntimes()).toEqual(NO_DOWNTIMES)
    })

    test('and writes the tick with them', async () => {
      const store = await open()
      await store.addDowntime({ downtimeMs: 5000, clockStepBackMs: 0 }, 20_000)
      const all = await store.addDowntime({ downtimeMs: 600, clockStepBackMs: 70 }, 30_000)
      expect(all).toEqual({ count: 2, downtimeMs: 5600, clockStepBackMs: 70, endedAt: 30_000 })
      expect(await store.readDowntimes()).toEqual(all)
      expect(await store.readTick()).toBe(30_000)
    })

    test('and moves all due times with the wall clock, but leaves the recordings as they are', async () => {
      const store = await open()
      const before = await insertInto(store, 'a', { deadlines: { retryAt: 50_000 } })
      await insertInto(store, 'idle')
      await store.addDowntime({ downtimeMs: 5000, clockStepBackMs: 0 }, 20_000)
      const due = (now: number) => store.dueRecordings(now, { limit: 10, except: [] })
      expect(await due(49_999)).toEqual([])
      await store.addDowntime({ downtimeMs: 0, clockStepBackMs: 10_000 }, 20_000)
      expect(await due(39_999)).toEqual([])
      expect(await due(40_000)).toEqual(['a'])
      expect(await loadFrom(store, 'a')).toMatchObject({ recording: before, version: 1 })
    })

    test('in the transaction that it is part of', async () => {
      const store = await open()
      const failed = store.transaction(async (operations) => {
        await operations.addDowntime({ downtimeMs: 1, clockStepBackMs: 1 }, 20_000)
        throw new Error('injected')
      })
      await expect(failed).rejects.toThrow('injected')
      expect(await store.readDowntimes()).toEqual(NO_DOWNTIMES)
      expect(await store.readTick()).toBeUndefined()
    })
  })

  describe('recognizes a notification', () => {
    const key = { noticeId: 'n1', sid: 's', uid: '1', eventType: 71, sequence: 3 }
    test.each([
      ['that is new', { noticeId: 'n2', sequence: 4 }, true],
      ['of another session', { noticeId: 'n2', sid: 't' }, true],
      ['of another type', { noticeId: 'n2', eventType: 72 }, true],
      ['by its noticeId', { sequence: 4 }, false],
      ['by its place in the sequence', { noticeId: 'n2' }, false],
    ])('%s', async (_what, changes, isNew) => {
      const store = await open()
      expect(await store.rememberNotification(key, 1000)).toBe(true)
      expect(await store.rememberNotification({ ...key, ...changes }, 2000)).toBe(isNew)
    })

    test('that has no sequence number by its noticeId alone', async () => {
      const store = await open()
      expect(await store.rememberNotification({ ...key, sequence: null }, 1000)).toBe(true)
      expect(await store.rememberNotification({ ...key, sequence: null, noticeId: 'n2' }, 2000)).toBe(true)
    })
  })

  test('reads a recording with the last heartbeat that was saved', async () => {
    const store = await open()
    const heartbeat = { recordingId: 'a', attempt: 1, page: 'page1', seq: 3, at: 5000 }
    await insertInto(store, 'a', { state: 'rolling' })
    await insertInto(store, 'b', { state: 'rolling' })
    expect((await store.loadRecording('a'))?.lastHeartbeat).toBeUndefined()
    await store.saveLastHeartbeats([heartbeat])
    await store.saveLastHeartbeats([{ ...heartbeat, seq: 4 }])
    const expected = { ...heartbeat, seq: 4 }
    expect((await store.loadRecording('a'))?.lastHeartbeat).toEqual(expected)
    const many = [await store.loadRecordings(['a', 'b']), await store.listRecordings({ limit: 2 })]
    for (const rows of many) {
      const byId = new Map(rows.map(({ id, stored }) => [id, stored]))
      expect(byId.get('a')).toMatchObject({ lastHeartbeat: expected })
      expect(byId.get('b')).toMatchObject({ lastHeartbeat: undefined })
    }
  })

  describe('stores hourly statistics', () => {
    test('and reads those of a recording, oldest first', async () => {
      const store = await open()
      const [last, other, first] = [{ hour: 2 * HOUR_MS }, { attempt: 2 }, {}].map((key) =>
        statisticsOf('a', key),
      )
      if (!last || !other || !first) throw new Error('unreachable')
      await store.addHourlyStatistics([last, other, first, statisticsOf('b')])
      expect(await store.readHourlyStatistics('a')).toEqual([first, other, last])
      expect(await store.readHourlyStatistics('c')).toEqual([])
    })

    test('and merges them: counts add up, maxima stay', async () => {
      const store = await open()
      await store.addHourlyStatistics([statisticsOf('a', { errors: 9 })])
      await store.addHourlyStatistics([statisticsOf('a', { failed: 90, lateMax: 1 }), statisticsOf('b')])
      expect(await store.readHourlyStatistics('a')).toEqual([
        {
          ...{ recordingId: 'a', attempt: 1, hour: HOUR_MS },
          ...{ reports: 2, unhealthy: 4, missed: 6, errors: 9, failed: 90, lateMax: 6, blank: 14 },
        },
      ])
    })

    test('when there are none, and when there are more than one statement can take', async () => {
      const store = await open()
      await store.addHourlyStatistics([])
      await store.addHourlyStatistics(
        Array.from({ length: 7000 }, (_, n) => statisticsOf(`r${n}`, { reports: n })),
      )
      expect(await store.readHourlyStatistics('r6999')).toMatchObject([{ reports: 6999 }])
    })

    test('atomically', async () => {
      const store = await open()
      const work = store.transaction(async (operations) => {
        await operations.addHourlyStatistics([statisticsOf('a')])
        throw new Error('the work failed')
      })
      await expect(work).rejects.toThrow('the work failed')
      expect(await store.readHourlyStatistics('a')).toEqual([])
    })
  })

  test('stores the last tick', async () => {
    const store = await open()
    expect(await store.readTick()).toBeUndefined()
    await store.writeTick(1000)
    await store.writeTick(2000)
    expect(await store.readTick()).toBe(2000)
  })

  test('saves more heartbeats in one call than one statement can take', async () => {
    const store = await open()
    const heartbeats = Array.from({ length: 7000 }, (_, n) => ({
      recordingId: `r${n}`,
      attempt: 1,
      page: 'p',
      seq: n,
      at: 1000,
    }))
    await insertInto(store, 'r6999')
    await store.saveLastHeartbeats(heartbeats)
    expect((await store.loadRecording('r6999'))?.lastHeartbeat).toEqual(heartbeats[6999])
  })
})
