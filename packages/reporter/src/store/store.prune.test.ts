import { describe, expect, test } from 'vitest'
import type { Recording } from '../supervisor/recording.ts'
import { memoryDatabase } from '../testing/database.ts'
import { attemptsOf, insertInto, loadFrom, STORES, statisticsOf } from '../testing/stores.ts'
import { createSqliteStore } from './sqlite/sqliteStore.ts'
import type { Store } from './store.ts'

describe.each(STORES)('a store in %s', (_name, open) => {
  describe('prunes', () => {
    const cutoffs = { now: 9000, before: 5000, deliveriesBefore: 3000, notificationsBefore: 3000 }
    /** Prunes as retention does, until no old row is left. */
    const pruneAll = async (store: Store): Promise<void> => {
      while ((await store.prune(cutoffs, 10)) > 0);
    }
    const key = { noticeId: 'n1', sid: 'sid1', uid: '900001', eventType: 70, sequence: 0 }
    const entry = { code: 'page.hello', attempt: null, message: 'm', evidence: {} }

    test('old recordings in a terminal state, with everything that belongs to them', async () => {
      const store = await open()
      await insertInto(store, 'a', { state: 'stopped', attempts: attemptsOf('a', ['sid1']) })
      await store.appendTimeline('a', [entry], 9000)
      await store.saveLastHeartbeats([{ recordingId: 'a', attempt: 1, page: 'p', seq: 1, at: 1000 }])
      await store.addHourlyStatistics([statisticsOf('a', { hour: 9000 }), statisticsOf('b', { hour: 9000 })])
      await pruneAll(store)
      expect(await store.readHourlyStatistics('a')).toEqual([])
      expect(await store.readHourlyStatistics('b')).toHaveLength(1)
      expect(await store.loadRecording('a')).toBeUndefined()
      expect(await store.readTimeline('a', { after: 0, limit: 10 })).toEqual([])
      expect(await store.findAttempt({ sid: 'sid1', cname: 'a', uid: '900001' })).toBeUndefined()
    })

    test('no recording that is live, has a deadline or an effect, or ended recently', async () => {
      const store = await open()
      await insertInto(store, 'rolling', { state: 'rolling' })
      await insertInto(store, 'stopping', { state: 'failed', deadlines: { stopBy: 9000 } })
      await insertInto(store, 'pending', { state: 'stopped' })
      await store.addEffects('pending', [{ kind: 'stop', attempt: 1 }], 1000)
      await insertInto(store, 'recent', { state: 'rolling' })
      const stored = await loadFrom(store, 'recent')
      await store.saveRecording(stored, { ...stored.recording, state: 'stopped' }, 5000)
      expect(await store.prune(cutoffs, 10)).toBe(0)
      expect((await store.listRecordings({ limit: 10 })).length).toBe(4)
    })

    const orphanUntil = (id: string, mayRunUntil: number | null) =>
      attemptsOf(id, [null]).map((attempt) => ({ ...attempt, state: 'orphaned' as const, mayRunUntil }))

    test('no recording with an orphaned attempt that may still run, and one whose orphan has ended', async () => {
      const store = await open()
      await insertInto(store, 'running', { state: 'failed', attempts: orphanUntil('running', 9001) })
      await insertInto(store, 'ended', { state: 'stopped', attempts: orphanUntil('ended', 9000) })
      await pruneAll(store)
      expect((await store.listRecordings({ limit: 10 })).map(({ id }) => id)).toEqual(['running'])
    })

    test('what is old behind any number of recordings whose orphans may still run', async () => {
      const store = await open()
      for (let index = 0; index < 60; index += 1) {
        const id = `running${index}`
        await insertInto(store, id, { state: 'failed', attempts: orphanUntil(id, index % 2 ? 9001 : null) })
      }
      await insertInto(store, 'ended', { state: 'failed', attempts: orphanUntil('ended', 9000) })
      await insertInto(store, 'plain', { state: 'failed', attempts: attemptsOf('plain', ['sid1']) })
      await pruneAll(store)
      const left = await store.listRecordings({ limit: 100 })
      expect(left).toHaveLength(60)
      expect(left.every(({ id }) => id.startsWith('running'))).toBe(true)
    })

    test('old timeline entries of a live recording', async () => {
      const store = await open()
      await insertInto(store, 'a', { state: 'rolling' })
      await store.appendTimeline('a', [entry], 4999)
      await store.appendTimeline('a', [entry], 5000)
      expect(await store.prune(cutoffs, 10)).toBe(1)
      expect(await store.readTimeline('a', { after: 0, limit: 10 })).toMatchObject([{ at: 5000 }])
    })

    test('old hourly statistics of a live recording', async () => {
      const store = await open()
      await insertInto(store, 'a', { state: 'rolling' })
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

    test('a recording with many rows in several calls', async () => {
      const store = await open()
      await insertInto(store, 'a', { state: 'stopped' })
      await store.appendTimeline('a', Array(250).fill(entry), 9000)
      // How many of them a call removes in SQLite depends on how fast the machine is.
      expect(await store.prune(cutoffs, 200)).toBeGreaterThan(0)
      if (_name === 'SQLite') expect(await store.loadRecording('a')).toBeDefined()
      await pruneAll(store)
      expect(await store.readTimeline('a', { after: 0, limit: 10 })).toEqual([])
      expect(await store.loadRecording('a')).toBeUndefined()
    })

    test.each([
      ['neither of a recording and its standby while the standby is live', { state: 'rolling' }],
      ['neither while the standby has a stop to confirm', { state: 'failed', deadlines: { stopBy: 9000 } }],
      ['neither while an orphan of the standby may run', { attempts: orphanUntil('a~standby', 9001) }],
    ] satisfies [string, Partial<Recording>][])('%s', async (_what, changes) => {
      const store = await open()
      await insertInto(store, 'a', { state: 'stopped' })
      const standby = { state: 'stopped', cname: 'a', uidBase: 1_000_000 } as const
      await insertInto(store, 'a~standby', { ...standby, ...changes })
      await insertInto(store, 'other', { state: 'stopped' })
      await pruneAll(store)
      expect(await store.loadRecording('a')).toBeDefined()
      expect(await store.loadRecording('a~standby')).toBeDefined()
      expect(await store.loadRecording('other')).toBeUndefined()
    })

    test('neither of a recording and its standby while either ended recently or has an effect', async () => {
      const store = await open()
      const pairs = ['main', 'twin', 'effect'].map((id) => [id, `${id}~standby`] as const)
      for (const [id, standby] of pairs) {
        await insertInto(store, id, { state: 'stopped' })
        await insertInto(store, standby, { state: 'failed', cname: id, uidBase: 1_000_000 })
      }
      for (const id of ['main', 'twin~standby']) {
        const stored = await loadFrom(store, id)
        await store.saveRecording(stored, { ...stored.recording, state: 'stopped' }, 5000)
      }
      await store.addEffects('effect~standby', [{ kind: 'stop', attempt: 1 }], 1000)
      expect(await store.prune(cutoffs, 10)).toBe(0)
    })

    test('a recording with its standby, in one call, however low the limit is', async () => {
      const store = await open()
      for (const id of ['a', 'b']) {
        await insertInto(store, id, { state: 'stopped' })
        await insertInto(store, `${id}~standby`, { state: 'failed', cname: id, uidBase: 1_000_000 })
      }
      expect(await store.prune(cutoffs, 1)).toBe(2)
      expect(await store.listRecordings({ limit: 9 })).toHaveLength(1)
      const [{ id } = { id: '' }] = await store.listRecordings({ limit: 9 })
      expect(await store.loadRecording(`${id}~standby`)).toBeDefined()
      expect(await store.prune(cutoffs, 3)).toBe(2)
      expect(await store.prune(cutoffs, 3)).toBe(0)
    })

    test('up to the limit in each call', async () => {
      const store = await open()
      for (const id of ['a', 'b', 'c']) await insertInto(store, id, { state: 'failed' })
      expect(await store.prune(cutoffs, 2)).toBe(2)
      expect(await store.prune(cutoffs, 2)).toBe(1)
      expect(await store.prune(cutoffs, 2)).toBe(0)
    })
  })
})

test('SQLite prunes an old recording whose body is damaged, and the others with it', async () => {
  const db = await memoryDatabase()
  const store = createSqliteStore(db)
  const bodies = ['junk', '{}', '{"attempts":["x",1,null]}', '{"attempts":[{"state":"ended"}]}']
  for (const [index, body] of bodies.entries()) {
    await insertInto(store, `r${index}`, { state: 'failed' })
    await db.updateTable('recordings').set({ body }).where('id', '=', `r${index}`).execute()
  }
  expect(
    await store.prune({ now: 9000, before: 5000, deliveriesBefore: 3000, notificationsBefore: 3000 }, 10),
  ).toBe(4)
})
