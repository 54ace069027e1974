import { describe, expect, test } from 'vitest'
import { recordingRequestSchema } from '../recordingRequest.ts'
import { startAttempt } from '../supervisor/attempt.ts'
import { openDraft } from '../supervisor/draft.ts'
import { DEFAULT_POLICY } from '../supervisor/policy.ts'
import { newRecording, type Recording } from '../supervisor/recording.ts'
import { memoryDatabase } from '../testing/database.ts'
import { createMemory } from '../testing/memoryStore.ts'
import { VersionConflictError } from './errors.ts'
import { createSqlStore } from './sqlStore.ts'
import type { Store } from './store.ts'
import type { ClaimRequest, HourlyStatistics } from './types.ts'

const STORES: [string, () => Promise<Store>][] = [
  ['SQLite', async () => createSqlStore(await memoryDatabase())],
  ['memory', async () => createMemory().connect()],
]

const requestOf = (id: string) => recordingRequestSchema.parse({ id, url: 'https://page.test/' })

const insert = async (store: Store, id: string, changes: Partial<Recording> = {}): Promise<Recording> => {
  const recording = { ...newRecording(id, DEFAULT_POLICY, 1000, 3), ...changes }
  await store.insertRecording(requestOf(id), recording, 1000)
  return recording
}

const load = async (store: Store, id: string) => {
  const stored = await store.loadRecording(id)
  if (!stored) throw new Error(`${id} is not stored`)
  return stored
}

/** Attempts with these sids. */
const attemptsOf = (id: string, sids: (string | null)[]): Recording['attempts'] => {
  const draft = openDraft(newRecording(id, DEFAULT_POLICY, 1000, 3), { now: 1000, random: 0 })
  for (const _ of sids) startAttempt(draft)
  return draft.recording.attempts.map((attempt, index) => ({ ...attempt, sid: sids[index] ?? null }))
}

const HOUR = 3_600_000

const statisticsOf = (recordingId: string, changes: Partial<HourlyStatistics> = {}): HourlyStatistics => ({
  ...{ recordingId, attempt: 1, hour: HOUR },
  ...{ reports: 1, unhealthy: 2, missed: 3, errors: 4, failed: 5, lateMax: 6, blank: 7 },
  ...changes,
})

describe.each(STORES)('a store in %s', (_name, open) => {
  describe('stores recordings', () => {
    test('and reads them as they were written', async () => {
      const store = await open()
      const recording = await insert(store, 'a', {
        deadlines: { queryAt: 5000.5 },
        attempts: attemptsOf('a', ['sid1', null]),
      })
      expect(await store.loadRecording('a')).toMatchObject({ recording, version: 1, request: requestOf('a') })
      expect(await store.loadRecording('b')).toBeUndefined()
    })

    test('and refuses an id that exists', async () => {
      const store = await open()
      const recording = await insert(store, 'a')
      await expect(insert(store, 'a', { state: 'rolling' })).rejects.toThrow()
      expect((await load(store, 'a')).recording).toEqual(recording)
    })

    test('and refuses a write that is based on an older version', async () => {
      const store = await open()
      await insert(store, 'a')
      const stored = await load(store, 'a')
      await store.saveRecording(stored, { ...stored.recording, state: 'rolling' }, 2000)
      const stale = store.saveRecording(stored, { ...stored.recording, state: 'failed' }, 3000)
      await expect(stale).rejects.toThrow(VersionConflictError)
      expect(await load(store, 'a')).toMatchObject({ version: 2, recording: { state: 'rolling' } })
    })

    test('and refuses to update a recording that does not exist', async () => {
      const store = await open()
      await insert(store, 'a')
      const stored = await load(store, 'a')
      const unknown = store.saveRecording(stored, { ...stored.recording, id: 'b' }, 2000)
      await expect(unknown).rejects.toThrow(VersionConflictError)
      expect(await store.loadRecording('b')).toBeUndefined()
    })
  })

  describe('finds recordings', () => {
    test('with a passed deadline, the most overdue first, without the excluded ones', async () => {
      const store = await open()
      await insert(store, 'later', { deadlines: { queryAt: 9000 } })
      await insert(store, 'never')
      await insert(store, 'second', { deadlines: { queryAt: 4000, beatBy: 5000 } })
      await insert(store, 'first', { deadlines: { retryAt: 3000, beatBy: 8000 } })
      expect(await store.dueRecordings(5000, { limit: 9, except: [] })).toEqual(['first', 'second'])
      expect(await store.dueRecordings(5000, { limit: 1, except: [] })).toEqual(['first'])
      expect(await store.dueRecordings(5000, { limit: 1, except: ['first'] })).toEqual(['second'])
    })

    test('by their most recently saved deadlines', async () => {
      const store = await open()
      await insert(store, 'a', { deadlines: { queryAt: 4000 } })
      const stored = await load(store, 'a')
      await store.saveRecording(stored, { ...stored.recording, deadlines: {} }, 2000)
      expect(await store.dueRecordings(5000, { limit: 9, except: [] })).toEqual([])
    })

    test('later if their due times were pushed back, unless a newer version was written', async () => {
      const store = await open()
      for (const id of ['a', 'b', 'c']) await insert(store, id, { deadlines: { beatBy: 4000 } })
      const stored = await load(store, 'b')
      await store.saveRecording(stored, { ...stored.recording, deadlines: { beatBy: 3000 } }, 2000)
      const pushedBack = (id: string) => ({ id, version: 1, dueAt: 6000 })
      expect(await store.pushBackDueTimes([])).toEqual([])
      const updated = await store.pushBackDueTimes(['a', 'b', 'c', 'unknown'].map(pushedBack))
      expect(updated.sort()).toEqual(['a', 'c'])
      expect(await store.dueRecordings(5999, { limit: 9, except: [] })).toEqual(['b'])
      expect(await store.dueRecordings(6000, { limit: 9, except: [] })).toEqual(['b', 'a', 'c'])
      expect(await load(store, 'a')).toMatchObject({ version: 1, recording: { deadlines: { beatBy: 4000 } } })
    })

    test('that are not in a terminal state', async () => {
      const store = await open()
      for (const state of ['starting', 'unhealthy', 'stopping', 'stopped', 'failed'] as const) {
        await insert(store, state, { state })
      }
      expect((await store.liveRecordings()).sort()).toEqual(['starting', 'stopping', 'unhealthy'])
    })

    test('page by page, newest first, with ties ordered by id', async () => {
      const store = await open()
      await insert(store, 'old', { createdAt: 1, state: 'rolling' })
      await insert(store, 'b', { createdAt: 2 })
      await insert(store, 'a', { createdAt: 2, state: 'rolling' })
      await insert(store, 'new', { createdAt: 3 })
      const ids = async (options: Parameters<Store['listRecordings']>[0]) =>
        (await store.listRecordings(options)).map(({ id }) => id)
      expect(await ids({ limit: 3 })).toEqual(['new', 'b', 'a'])
      expect(await ids({ limit: 3, before: 'b' })).toEqual(['a', 'old'])
      expect(await ids({ limit: 3, state: 'rolling' })).toEqual(['a', 'old'])
      expect(await ids({ limit: 3, before: 'unknown' })).toEqual([])
    })

    test('by the sid of an attempt, or by its cname and uid while it has no sid', async () => {
      const store = await open()
      await insert(store, 'a', { attempts: attemptsOf('a', ['sid1', null]) })
      expect(await store.findAttempt({ sid: 'sid1', cname: 'b', uid: '77' })).toEqual({
        recordingId: 'a',
        number: 1,
      })
      expect(await store.findAttempt({ sid: 'sid2', cname: 'a', uid: '900002' })).toEqual({
        recordingId: 'a',
        number: 2,
      })
      expect(await store.findAttempt({ sid: 'sid2', cname: 'a', uid: '900001' })).toBeUndefined()
      expect(await store.findAttempt({ sid: 'sid2', cname: 'b', uid: '900002' })).toBeUndefined()
      const stored = await load(store, 'a')
      const attempts = attemptsOf('a', ['sid1', 'sid2'])
      await store.saveRecording(stored, { ...stored.recording, attempts }, 2000)
      expect(await store.findAttempt({ sid: 'sid2', cname: 'b', uid: '77' })).toMatchObject({ number: 2 })
    })
  })

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

    test('that can be claimed immediately after all claims were released', async () => {
      const store = await withStart()
      await store.claimEffects(0, request)
      await store.releaseClaims()
      expect(kinds(await store.claimEffects(1, request))).toEqual(['start'])
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

  test('stores the last heartbeat of each recording that is not in a terminal state', async () => {
    const store = await open()
    const heartbeat = { attempt: 1, page: 'page1', seq: 3, at: 5000 }
    await insert(store, 'a', { state: 'rolling' })
    await insert(store, 'ended', { state: 'stopped' })
    await store.saveLastHeartbeats([
      { ...heartbeat, recordingId: 'a' },
      { ...heartbeat, recordingId: 'ended' },
    ])
    await store.saveLastHeartbeats([{ ...heartbeat, recordingId: 'a', seq: 4 }])
    expect(await store.readLastHeartbeats()).toEqual([{ ...heartbeat, recordingId: 'a', seq: 4 }])
  })

  describe('stores hourly statistics', () => {
    test('and reads those of a recording, oldest first', async () => {
      const store = await open()
      const [last, other, first] = [{ hour: 2 * HOUR }, { attempt: 2 }, {}].map((key) =>
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
          ...{ recordingId: 'a', attempt: 1, hour: HOUR },
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

  describe('runs a transaction', () => {
    const key = { noticeId: 'n1', sid: 's', uid: '1', eventType: 71, sequence: 3 }

    test('and rolls it back if its work rejects', async () => {
      const store = await open()
      await insert(store, 'a')
      await store.addEffects('a', [{ kind: 'stop', attempt: 1 }], 0)
      const [effect] = await store.claimEffects(0, { kinds: ['stop'], limit: 1, leaseMs: 1000 })
      const work = store.transaction(async (operations) => {
        const stored = await operations.loadRecording('a')
        if (!stored || !effect) throw new Error('unreachable')
        await operations.completeEffect(effect.id)
        await operations.rememberNotification(key, 2000)
        await operations.saveRecording(stored, { ...stored.recording, state: 'rolling' }, 2000)
        await operations.addEffects('a', [{ kind: 'query', attempt: 1 }], 2000)
        await operations.appendTimeline('a', [{ code: 'x', attempt: null, message: '', evidence: {} }], 2000)
        expect(await operations.loadRecording('a')).toMatchObject({
          version: 2,
          recording: { state: 'rolling' },
        })
        throw new Error('the work failed')
      })
      await expect(work).rejects.toThrow('the work failed')
      expect(await load(store, 'a')).toMatchObject({ version: 1, recording: { state: 'starting' } })
      expect(await store.readTimeline('a', { after: 0, limit: 9 })).toEqual([])
      expect(await store.rememberNotification(key, 3000)).toBe(true)
      expect(await store.claimEffects(1000, { kinds: ['stop', 'query'], limit: 9, leaseMs: 1000 })).toEqual([
        effect,
      ])
    })

    test('in isolation: others see the state before or after it', async () => {
      const store = await open()
      await insert(store, 'a')
      const midway = Promise.withResolvers<void>()
      const work = store.transaction(async (operations) => {
        const stored = await operations.loadRecording('a')
        if (!stored) throw new Error('unreachable')
        await operations.saveRecording(stored, { ...stored.recording, state: 'rolling' }, 2000)
        await midway.promise
        await operations.appendTimeline('a', [{ code: 'x', attempt: null, message: '', evidence: {} }], 2000)
        return 'done'
      })
      const seen = Promise.all([store.loadRecording('a'), store.readTimeline('a', { after: 0, limit: 9 })])
      midway.resolve()
      expect(await work).toBe('done')
      const [stored, timeline] = await seen
      expect([stored?.version, timeline.length]).toSatisfy(
        ([version, entries]) => (version === 1 && entries === 0) || (version === 2 && entries === 1),
      )
    })

    test('after one that was rolled back', async () => {
      const store = await open()
      await expect(store.transaction(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
      await store.transaction((operations) => operations.writeTick(7))
      expect(await store.readTick()).toBe(7)
    })
  })

  describe('prunes', () => {
    const cutoffs = { before: 5000, notificationsBefore: 3000 }
    const key = { noticeId: 'n1', sid: 'sid1', uid: '900001', eventType: 70, sequence: 0 }
    const entry = { code: 'page.hello', attempt: null, message: 'm', evidence: {} }

    test('old recordings in a terminal state, with everything that belongs to them', async () => {
      const store = await open()
      await insert(store, 'a', { state: 'stopped', attempts: attemptsOf('a', ['sid1']) })
      await store.appendTimeline('a', [entry], 9000)
      await store.saveLastHeartbeats([{ recordingId: 'a', attempt: 1, page: 'p', seq: 1, at: 1000 }])
      await store.addHourlyStatistics([statisticsOf('a', { hour: 9000 }), statisticsOf('b', { hour: 9000 })])
      expect(await store.prune(cutoffs, 10)).toBe(1)
      expect(await store.readHourlyStatistics('a')).toEqual([])
      expect(await store.readHourlyStatistics('b')).toHaveLength(1)
      expect(await store.loadRecording('a')).toBeUndefined()
      expect(await store.readTimeline('a', { after: 0, limit: 10 })).toEqual([])
      expect(await store.findAttempt({ sid: 'sid1', cname: 'a', uid: '900001' })).toBeUndefined()
      expect(await store.prune(cutoffs, 10)).toBe(0)
    })

    test('no recording that is live, has a deadline or an effect, or ended recently', async () => {
      const store = await open()
      await insert(store, 'rolling', { state: 'rolling' })
      await insert(store, 'stopping', { state: 'failed', deadlines: { stopBy: 9000 } })
      await insert(store, 'pending', { state: 'stopped' })
      await store.addEffects('pending', [{ kind: 'stop', attempt: 1 }], 1000)
      await insert(store, 'recent', { state: 'rolling' })
      const stored = await load(store, 'recent')
      await store.saveRecording(stored, { ...stored.recording, state: 'stopped' }, 5000)
      expect(await store.prune(cutoffs, 10)).toBe(0)
      expect((await store.listRecordings({ limit: 10 })).length).toBe(4)
    })

    test('old timeline entries of a live recording', async () => {
      const store = await open()
      await insert(store, 'a', { state: 'rolling' })
      await store.appendTimeline('a', [entry], 4999)
      await store.appendTimeline('a', [entry], 5000)
      expect(await store.prune(cutoffs, 10)).toBe(1)
      expect(await store.readTimeline('a', { after: 0, limit: 10 })).toMatchObject([{ at: 5000 }])
    })

    test('old hourly statistics of a live recording', async () => {
      const store = await open()
      await insert(store, 'a', { state: 'rolling' })
      await store.addHourlyStatistics([4999, 5000].map((hour) => statisticsOf('a', { hour })))
      expect(await store.prune(cutoffs, 10)).toBe(1)
      expect(await store.readHourlyStatistics('a')).toMatchObject([{ hour: 5000 }])
    })

    test('notifications before their own cutoff, and no others', async () => {
      const store = await open()
      await store.rememberNotification(key, 2999)
      await store.rememberNotification({ ...key, noticeId: 'n2', sequence: 1 }, 3000)
      await store.prune(cutoffs, 10)
      expect(await store.rememberNotification({ ...key, noticeId: 'n2', sequence: 1 }, 9000)).toBe(false)
      expect(await store.rememberNotification(key, 9000)).toBe(true)
    })

    test('up to the limit in each call', async () => {
      const store = await open()
      for (const id of ['a', 'b', 'c']) await insert(store, id, { state: 'failed' })
      expect(await store.prune(cutoffs, 2)).toBe(2)
      expect(await store.prune(cutoffs, 2)).toBe(1)
      expect(await store.prune(cutoffs, 2)).toBe(0)
    })
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
    await insert(store, 'r6999')
    await store.saveLastHeartbeats(heartbeats)
    expect(await store.readLastHeartbeats()).toEqual([heartbeats[6999]])
  })
})

describe('a store in memory whose process has died', () => {
  test('rolls back, never resolves a pending call, and serves the next process', async () => {
    const memory = createMemory()
    const [first, second] = [memory.connect(), memory.connect()]
    let resolved = false
    const work = first.transaction(async (operations) => {
      await operations.writeTick(7)
      first.disconnect()
      await operations.writeTick(8)
    })
    const seenByOther = second.readTick()
    for (const pending of [work, first.readTick()]) {
      void pending.then(() => {
        resolved = true
      })
    }
    expect(await seenByOther).toBeUndefined()
    await second.transaction((operations) => operations.writeTick(9))
    expect(await second.readTick()).toBe(9)
    expect(resolved).toBe(false)
  })
})
