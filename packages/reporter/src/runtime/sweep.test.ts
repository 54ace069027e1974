import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { createLog } from '../log.ts'
import { createSqliteStore } from '../store/sqlite/sqliteStore.ts'
import type { Store } from '../store/store.ts'
import { createHarness, type Harness } from '../testing/harness.ts'
import { createMemory } from '../testing/memoryStore.ts'
import { insertInto, loadFrom } from '../testing/stores.ts'
import type { Engine } from './engine.ts'
import type { Readiness } from './health.ts'
import { createIngressWatch } from './ingressWatch.ts'
import { createSweep, type Sweep } from './sweep.ts'

const codes = async (harness: Harness): Promise<string[]> =>
  (await harness.timeline()).map(({ code }) => code)

/** A sweep of its own with another store. */
const sweepOf = ({ parts, clock }: Harness, store: Store, engine: Engine = parts.engine): Sweep => {
  const log = createLog('silent')
  const ingress = createIngressWatch(() => [], log)
  return createSweep({ ...parts, store, engine, clock, ingress, log })
}

describe('a passed deadline', () => {
  test('is handled: a silent page whose recorder runs gets a candidate beside it', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.pass(29)
    expect(await harness.recording()).toMatchObject({ state: 'rolling' })
    await harness.pass(2)
    expect(await harness.recording()).toMatchObject({
      state: 'unhealthy',
      reason: { code: 'page_silent' },
      attempts: [{ state: 'current' }, { number: 2, state: 'candidate', sid: 'sid2' }],
    })
  })

  test('of an unreadable row does not hold up the others, and is logged once a minute at most', async () => {
    const harness = await createHarness()
    await harness.rolling({ id: 'damaged' })
    harness.jump(1)
    await harness.rolling()
    await sql`update recordings set body = 'junk' where id = 'damaged'`.execute(harness.db)
    const before = (await harness.dump()).recordings?.find((row) => (row as { id: string }).id === 'damaged')
    await harness.pass(50)
    expect((await harness.recording()).attempts.length).toBeGreaterThan(1)
    const errors = harness.log().filter(({ msg }) => /could not be handled/.test(String(msg)))
    expect(errors).toMatchObject([
      { recordingId: 'damaged', err: { message: expect.stringContaining('cannot be read') } },
    ])
    await harness.pass(60)
    expect((await harness.dump()).recordings).toContainEqual(before)
  })
})

describe('a store that fails', () => {
  const refuse = (harness: Harness) =>
    sql`create trigger refuse before update of body on recordings
      begin select raise(abort, 'injected'); end`.execute(harness.db)
  const repair = (harness: Harness) => sql`drop trigger refuse`.execute(harness.db)
  const supervisor = async (harness: Harness) => {
    const readiness = (await (await harness.request('/readyz')).json()) as Readiness
    return { status: readiness.status, ...readiness.checks.supervisor }
  }
  /** Passes, a second apart, of which each must fail. */
  const fail = async (harness: Harness, seconds: number): Promise<void> => {
    for (let left = seconds; left > 0; left -= 1) {
      harness.jump(1)
      await expect(harness.parts.sweep.runOnce()).rejects.toThrow()
    }
  }

  test('delays a recording only until it works again', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.pass(29)
    await refuse(harness)
    await fail(harness, 3)
    await repair(harness)
    await harness.pass(1)
    expect((await harness.recording()).reason?.code).toBe('page_silent')
  })

  test('for one recording does not delay the others', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.rolling({ id: 'other' })
    await harness.pass(29)
    await sql`create trigger refuse before update of body on recordings when old.id = 'class42'
      begin select raise(abort, 'injected'); end`.execute(harness.db)
    await fail(harness, 3)
    await harness.drainEffects()
    expect((await harness.recording('other')).reason?.code).toBe('page_silent')
  })

  test('is shown by /readyz, and is no downtime', async () => {
    const harness = await createHarness()
    await harness.rolling()
    expect(await supervisor(harness)).toMatchObject({ status: 'ok', ok: true })
    await sql`alter table recordings rename column due_at to hidden`.execute(harness.db)
    await fail(harness, 60)
    expect(await supervisor(harness)).toMatchObject({
      status: 'unavailable',
      ok: false,
      detail: expect.stringContaining('handled all due recordings 60.0 s ago for the last time'),
    })
    await sql`alter table recordings rename column hidden to due_at`.execute(harness.db)
    await harness.report({})
    await harness.pass(1)
    expect(await supervisor(harness)).toMatchObject({ status: 'ok', ok: true })
    expect(await codes(harness)).not.toContain('reporter.returned')
  })

  test('while the end of a downtime is signalled: each recording is signalled once', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.rolling({ id: 'other' })
    await harness.pass(1)
    await sql`create trigger refuse before update of body on recordings when old.id = 'class42'
      begin select raise(abort, 'injected'); end`.execute(harness.db)
    harness.jump(600)
    await expect(harness.parts.sweep.runOnce()).rejects.toThrow()
    await fail(harness, 2)
    await repair(harness)
    await harness.pass(1)
    for (const id of ['class42', 'other']) {
      const returned = (await harness.timeline(id)).filter(({ code }) => code === 'reporter.returned')
      expect(returned).toHaveLength(1)
    }
  })
})

describe('a recording that cannot be read', () => {
  test('is retried after a minute although the wall clock steps back by an hour', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const row = (await harness.dump()).recordings?.[0] as { body: string }
    await sql`update recordings set body = 'junk'`.execute(harness.db)
    await harness.pass(40)
    await sql`update recordings set body = ${row.body}`.execute(harness.db)
    harness.stepClock(-3600)
    await harness.pass(100)
    expect((await harness.recording()).reason?.code).toBe('page_silent')
  })
})

describe('after a downtime', () => {
  test('no page is failed for its silence, and Agora is queried at its ordinary turn', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.pass(6)
    await harness.report({})
    const queries = (): number => harness.agora.calls().filter((call) => call === 'query').length
    const before = queries()
    harness.jump(1200)
    await harness.crash()
    await harness.drainEffects()
    expect(queries()).toBe(before)
    expect(await harness.recording()).toMatchObject({ state: 'rolling', attempts: [{ number: 1 }] })
    for (let seconds = 0; seconds < 120; seconds += 20) {
      await harness.report({})
      await harness.pass(20)
    }
    expect(await harness.recording()).toMatchObject({ state: 'rolling', attempts: [{ number: 1 }] })
    expect(queries()).toBe(before + 1)
    expect((await codes(harness)).filter((code) => code === 'reporter.returned')).toHaveLength(1)
  })

  test('taking up the recordings writes one fact: rows are written only when something is decided', async () => {
    const harness = await createHarness()
    for (let index = 0; index < 5; index += 1) await harness.rolling({ id: `r${index}` })
    const without = async () => {
      const { downtimes: _, ticks: __, recordings, ...rest } = await harness.dump()
      return { ...rest, recordings: recordings?.map((row) => ({ ...(row as object), due_at: 0 })) }
    }
    await harness.pass(6)
    const before = await without()
    harness.jump(60)
    await harness.crash()
    await harness.pass(20)
    expect(await without()).toEqual(before)
    expect((await harness.dump()).downtimes).toMatchObject([{ count: 1, downtime_ms: 60_000 }])
  })

  test('supervision goes on: a page that stays silent is noticed', async () => {
    const harness = await createHarness()
    await harness.rolling()
    harness.jump(1200)
    await harness.crash()
    await harness.pass(31)
    expect((await harness.recording()).reason?.code).toBe('page_silent')
  })

  test('the reporter finds out that Agora ended a recording meanwhile', async () => {
    const harness = await createHarness()
    await harness.rolling()
    harness.jump(1200)
    harness.agora.answer('query', { status: 200, json: { serverResponse: { status: 20 } } })
    await harness.crash()
    await harness.drainEffects()
    expect((await harness.recording()).attempts[0]?.endReason?.code).toBe('lost_at_agora')
  })

  test('of a stalled process the same grace period applies', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.pass(1)
    harness.jump(600)
    await harness.pass(1)
    await harness.report({})
    expect(await codes(harness)).toContain('reporter.returned')
    expect(await harness.recording()).toMatchObject({ state: 'rolling', attempts: [{ number: 1 }] })
    expect(harness.log()).toContainEqual(
      expect.objectContaining({ msg: expect.stringContaining('was stalled'), downtimeMs: 601_000 }),
    )
  })

  test('nothing is reported if a pass was merely late, or slow', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.pass(1)
    harness.jump(5)
    await harness.parts.sweep.runOnce()
    const slow = harness.parts.sweep.runOnce()
    // The event loop turns meanwhile: the timer of the downtime watch fires.
    for (let seconds = 0; seconds < 7; seconds += 1) {
      harness.jump(1)
      harness.parts.downtimes.check()
    }
    await slow
    await harness.parts.sweep.runOnce()
    expect((await harness.dump()).downtimes).toEqual([])
  })

  test('during a pass it is noticed: nothing is judged by what the process knew before', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.pass(29.5)
    harness.jump(0.5)
    const suspended = harness.parts.sweep.runOnce()
    harness.jump(600)
    await suspended
    await harness.parts.sweep.runOnce()
    expect((await harness.dump()).downtimes).toMatchObject([{ count: 1, downtime_ms: 600_000 }])
    expect(await codes(harness)).not.toContain('page.silent')
    await harness.report({})
    await harness.pass(20)
    expect(await harness.recording()).toMatchObject({ state: 'rolling', attempts: [{ number: 1 }] })
  })

  test('what arrives before the next pass is decided on with the downtime applied', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.pass(25)
    harness.jump(600)
    const { engine } = harness.parts
    for (let count = 0; count < 4; count += 1) {
      await engine.handle('class42', { type: 'queried', attempt: 1, answer: { kind: 'notFound' } })
    }
    expect((await codes(harness)).filter((code) => code === 'reporter.returned')).toHaveLength(1)
    expect(await harness.recording()).toMatchObject({ state: 'rolling', attempts: [{ state: 'current' }] })
  })

  test('a report that arrives before the next pass is not merely counted', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.pass(5)
    harness.jump(600)
    await harness.report({})
    expect((await codes(harness)).at(-1)).toBe('reporter.returned')
  })

  test('what becomes due later does not wait behind all that became due meanwhile', async () => {
    const store = createMemory().connect()
    const handled: string[] = []
    const handle: Engine['handle'] = async (id) => {
      handled.push(id)
      const stored = await loadFrom(store, id)
      await store.saveRecording(stored, { ...stored.recording, deadlines: {} }, 1000)
      return undefined
    }
    const harness = await createHarness()
    const pushBackDueTimes: Engine['pushBackDueTimes'] = async (ids) => [...ids]
    const engine = { ...harness.parts.engine, handle, pushBackDueTimes }
    const sweep = sweepOf(harness, store, engine)
    const since = harness.now() - 600_000
    for (let index = 0; index < 500; index += 1) {
      await insertInto(store, `r${index}`, { deadlines: { retryAt: since + index } })
    }
    expect(await sweep.runOnce()).toBe(true)
    expect(handled).toEqual(Array.from({ length: 200 }, (_, index) => `r${index}`))
    await insertInto(store, 'later', { deadlines: { retryAt: harness.now() + 50 } })
    harness.jump(0.1)
    expect(await sweep.runOnce()).toBe(true)
    expect(handled.slice(200, 202)).toEqual(['later', 'r200'])
    expect(handled).toHaveLength(401)
    harness.jump(0.1)
    expect(await sweep.runOnce()).toBe(false)
    expect(handled.at(-1)).toBe('r499')
  })

  /** A store on the harness's database whose writes can be made to fail. Its reads succeed. */
  const failingWrites = ({ db }: Harness) => {
    const working = createSqliteStore(db)
    const writes = { fail: true }
    const orFail = <T>(job: () => Promise<T>): Promise<T> =>
      writes.fail ? Promise.reject(new Error('injected')) : job()
    const store: Store = {
      ...working,
      writeTick: (...args) => orFail(() => working.writeTick(...args)),
      saveLastHeartbeats: (...args) => orFail(() => working.saveLastHeartbeats(...args)),
      pushBackDueTimes: (...args) => orFail(() => working.pushBackDueTimes(...args)),
      addDowntime: (...args) => orFail(() => working.addDowntime(...args)),
      transaction: (work) => orFail(() => working.transaction(work)),
    }
    return { store, writes }
  }

  /** A rolling recording whose sweep has passed every 100 ms while the store refused all writes. */
  const refusedForFortySeconds = async () => {
    const harness = await createHarness()
    await harness.rolling()
    const { store, writes } = failingWrites(harness)
    const sweep = sweepOf(harness, store)
    for (let passes = 0; passes < 400; passes += 1) {
      harness.jump(0.1)
      await expect(sweep.runOnce()).rejects.toThrow('injected')
    }
    return { harness, sweep, writes }
  }

  test('the time in which the store refused the reports is one', async () => {
    const { harness, sweep, writes } = await refusedForFortySeconds()
    expect(sweep.passedAt()).toBeUndefined()
    writes.fail = false
    await sweep.runOnce()
    expect((await harness.dump()).downtimes).toMatchObject([{ count: 1, downtime_ms: 39_900 }])
    expect(await harness.recording()).toMatchObject({ state: 'rolling' })
  })

  test('the time in which the store could not write is one, although the process ends before the next pass', async () => {
    const { harness, sweep, writes } = await refusedForFortySeconds()
    writes.fail = false
    await sweep.stop()
    expect((await harness.dump()).downtimes).toMatchObject([{ count: 1, downtime_ms: 39_900 }])
  })

  test('a second one is noticed although the first pass failed', async () => {
    const harness = await createHarness()
    await harness.rolling()
    let broken = true
    const working = createSqliteStore(harness.db)
    const store: Store = {
      ...working,
      dueRecordings: (...args) =>
        broken ? Promise.reject(new Error('injected')) : working.dueRecordings(...args),
    }
    const sweep = sweepOf(harness, store)
    await expect(sweep.runOnce()).rejects.toThrow('injected')
    harness.jump(40)
    broken = false
    await sweep.runOnce()
    expect((await harness.dump()).downtimes).toMatchObject([{ count: 1, downtime_ms: 40_000 }])
    expect(await harness.recording()).toMatchObject({ state: 'rolling' })
  })

  test('its length is known, because the first tick is written at the start', async () => {
    const harness = await createHarness()
    expect((await harness.dump()).ticks).toEqual([{ id: 1, at: harness.now() }])
  })
})

describe('the wall clock', () => {
  test('steps back by an hour: a silent page is noticed in time', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.pass(3)
    await harness.report({})
    harness.stepClock(-3600)
    await harness.pass(1)
    expect(harness.log()).toContainEqual(
      expect.objectContaining({ msg: expect.stringContaining('stepped back') }),
    )
    await harness.pass(35)
    expect(await harness.recording()).toMatchObject({ reason: { code: 'page_silent' }, attempts: [{}, {}] })
  })

  test('steps back while no reporter runs: a silent page is noticed in time', async () => {
    const harness = await createHarness()
    await harness.rolling()
    harness.stepClock(-3600)
    await harness.crash()
    await harness.drainEffects()
    await harness.pass(35)
    expect(await harness.recording()).toMatchObject({ reason: { code: 'page_silent' }, attempts: [{}, {}] })
  })

  test('steps forward by an hour: no page is failed for its silence', async () => {
    const harness = await createHarness()
    await harness.rolling()
    harness.stepClock(3600)
    await harness.pass(1)
    await harness.report({})
    await harness.pass(20)
    expect(await harness.recording()).toMatchObject({ state: 'rolling', attempts: [{ number: 1 }] })
  })

  test('is corrected by less than a second: nothing is reported', async () => {
    const harness = await createHarness()
    await harness.rolling()
    for (const seconds of [0.9, -0.9]) {
      harness.stepClock(seconds)
      await harness.pass(1)
    }
    expect(await codes(harness)).not.toContain('reporter.returned')
  })
})

describe('an ingress outage', () => {
  const ids = ['one', 'two', 'three', 'four']
  const readiness = async (harness: Harness): Promise<{ code: number; status: string }> => {
    const response = await harness.request('/readyz')
    return { code: response.status, status: ((await response.json()) as { status: string }).status }
  }
  const report = async (harness: Harness, seconds: number, pages: string[]): Promise<void> => {
    for (let left = seconds; left > 0; left -= 10) {
      for (const recordingId of pages) await harness.report({ recordingId })
      await harness.pass(10)
    }
  }
  const attempts = (harness: Harness): Promise<number[]> =>
    Promise.all(ids.map(async (id) => (await harness.recording(id)).attempts.length))

  const rolling = async (): Promise<Harness> => {
    const harness = await createHarness()
    for (const id of ids) await harness.rolling({ id })
    return harness
  }

  test('restarts nothing and is shown by /readyz; afterwards the pages are still rolling', async () => {
    const harness = await rolling()
    await harness.pass(70)
    expect(await attempts(harness)).toEqual([1, 1, 1, 1])
    expect(await readiness(harness)).toEqual({ code: 200, status: 'degraded' })
    await report(harness, 60, ids)
    expect(await readiness(harness)).toEqual({ code: 200, status: 'ok' })
    expect(await attempts(harness)).toEqual([1, 1, 1, 1])
    expect(await harness.recording('one')).toMatchObject({ state: 'rolling' })
  })

  test('whose cause is found by asking PUBLIC_URL names it in each recording and in /readyz', async () => {
    // No server listens there.
    const harness = await createHarness({ publicUrl: 'http://127.0.0.1:9', checkPublicUrl: true })
    for (const id of ids) await harness.rolling({ id })
    await harness.parts.publicUrl.runOnce()
    await harness.pass(70)
    for (const id of ids) {
      expect((await harness.recording(id)).attention).toMatchObject([
        { code: 'reports_not_received', message: expect.stringContaining('127.0.0.1:9 refuses connections') },
      ])
    }
    const { checks } = (await (await harness.request('/readyz')).json()) as Readiness
    expect(checks.publicUrl).toMatchObject({ ok: false, detail: expect.stringContaining('ECONNREFUSED') })
    await report(harness, 60, ids)
    expect(await harness.recording('one')).toMatchObject({ state: 'rolling', attention: [] })
  })

  test('of many minutes costs some canaries, and every task runs on', async () => {
    const harness = await rolling()
    await harness.pass(720)
    for (const id of ids) {
      const { attempts: all } = await harness.recording(id)
      expect(all[0]).toMatchObject({ number: 1, state: 'current' })
      expect(all.slice(1).every(({ state }) => state !== 'current')).toBe(true)
    }
    const canaries = (await attempts(harness)).reduce((sum, count) => sum + count - 1, 0)
    // After 76 s, and then 2 and 5 minutes after each one was dropped.
    expect(canaries).toBe(3)
    expect(await readiness(harness)).toEqual({ code: 200, status: 'degraded' })
    await report(harness, 60, ids)
    const after = await harness.recording('one')
    expect(after.state).toBe('rolling')
    expect(after.attempts[0]?.state).toBe('current')
  })

  test('whose canary reports is none: the silent pages are replaced one after the other', async () => {
    const harness = await rolling()
    await harness.pass(100)
    const canary = ids[(await attempts(harness)).indexOf(2)] ?? ''
    await harness.report({ recordingId: canary, attempt: 2, type: 'hello', page: 'canary', seq: 1 })
    await harness.report({ recordingId: canary, attempt: 2, type: 'loaded', page: 'canary', seq: 2 })
    await harness.pass(20)
    expect(await attempts(harness)).toEqual([2, 2, 2, 2])
  })

  test('ends only when the other pages have had time to report as well', async () => {
    const harness = await rolling()
    await harness.pass(70)
    await report(harness, 20, ['one', 'two', 'three'])
    await report(harness, 30, ids)
    expect(await attempts(harness)).toEqual([1, 1, 1, 1])
  })

  test('is not assumed if one of four pages is silent: it is restarted in time', async () => {
    const harness = await rolling()
    await report(harness, 40, ['one', 'two', 'three'])
    expect(await attempts(harness)).toEqual([1, 1, 1, 2])
  })
})
