import { sql } from 'kysely'
import { describe, expect, test, vi } from 'vitest'
import { createLog } from '../log.ts'
import { config, createHarness, REQUEST } from '../testing/harness.ts'
import { createMemory } from '../testing/memoryStore.ts'
import type { EffectContext } from './effects/context.ts'
import { createRunner } from './runner.ts'

const starts = (harness: { agora: { calls(): string[] } }): number =>
  harness.agora.calls().filter((call) => call === 'start').length

describe('routine queries', () => {
  /** Healthy recordings that each have a routine query, which Agora does not answer yet. */
  const withPendingQueries = async (count: number) => {
    const harness = await createHarness()
    const ids = Array.from({ length: count }, (_, index) => `healthy${index}`)
    for (const id of ids) await harness.rolling({ id })
    await harness.pass(5)
    const queries = (): number => harness.agora.calls().filter((call) => call === 'query').length
    expect(queries()).toBe(count)
    const delayed = ids.map(() => harness.agora.delayAnswer('query'))
    // Passes that are further apart would count as downtimes, and spread the queries.
    for (let seconds = 0; seconds <= 120; seconds += 4) {
      for (const id of ids) await harness.report({ recordingId: id })
      harness.jump(4)
      await harness.parts.sweep.runOnce()
    }
    return { harness, delayed, sent: () => queries() - count }
  }

  test('use half of the quota at most, and do not delay a start', async () => {
    const { harness, delayed, sent } = await withPendingQueries(7)
    await expect.poll(sent).toBe(5)
    const before = starts(harness)
    await harness.api('POST', '/v1/recordings', REQUEST)
    await expect.poll(() => starts(harness)).toBe(before + 1)
    expect(sent()).toBe(5)
    for (const each of delayed) each.release()
    await harness.drainEffects()
    expect(sent()).toBe(7)
  })
})

describe('50 starts that Agora does not answer', () => {
  test('delay no stop and no update', async () => {
    const harness = await createHarness()
    await harness.rolling({ id: 'stopped' })
    await harness.rolling({ id: 'paused' })
    const ids = Array.from({ length: 50 }, (_, index) => `starting${index}`)
    const delayed = ids.map(() => harness.agora.delayAnswer('acquire'))
    for (const id of ids) await harness.api('POST', '/v1/recordings', { ...REQUEST, id })
    await delayed[8]?.arrived
    await harness.api('POST', '/v1/recordings/stopped/stop')
    await harness.api('POST', '/v1/recordings/paused/pause')
    await expect.poll(harness.agora.calls).toEqual(expect.arrayContaining(['stop', 'update']))
    for (const each of delayed) each.release()
    await harness.parts.runner.idle()
  })
})

describe('an effect that fails', () => {
  test('is logged and retried', async () => {
    const harness = await createHarness()
    await sql`create trigger refuse before update of body on recordings
      begin select raise(abort, 'injected'); end`.execute(harness.db)
    await harness.api('POST', '/v1/recordings', REQUEST)
    await harness.parts.runner.idle()
    expect(starts(harness)).toBe(0)
    expect(harness.log().at(-1)).toMatchObject({
      level: 50,
      kind: 'start',
      recordingId: 'class42',
      attempt: 1,
      err: { message: 'injected' },
    })
    await sql`drop trigger refuse`.execute(harness.db)
    await harness.pass(4)
    expect(starts(harness)).toBe(0)
    await harness.pass(1)
    expect(starts(harness)).toBe(1)
    expect(await harness.recording()).toMatchObject({ state: 'loading' })
  })
})

describe('an effect that waits for its retry', () => {
  test('is retried in time although the wall clock steps back by an hour', async () => {
    const harness = await createHarness()
    await sql`create trigger refuse before update of body on recordings
      begin select raise(abort, 'injected'); end`.execute(harness.db)
    await harness.api('POST', '/v1/recordings', REQUEST)
    await harness.parts.runner.idle()
    await sql`drop trigger refuse`.execute(harness.db)
    harness.stepClock(-3600)
    await harness.pass(6)
    expect(await harness.recording()).toMatchObject({ state: 'loading' })
  })
})

describe('an effect that is running', () => {
  test('is not run a second time when a clock that steps forward ends its lease', async () => {
    const store = createMemory().connect()
    await store.addEffects('class42', [{ kind: 'start', attempt: 1 }], 0)
    let now = 0
    let claimed = 0
    const load = vi.fn(() => new Promise(() => {}))
    const context = { engine: { load }, clock: { now: () => now }, config: { agora: { qps: 10 } } }
    const runner = createRunner({
      store: {
        ...store,
        claimEffects: async (...args) => {
          const effects = await store.claimEffects(...args)
          claimed += effects.length
          return effects
        },
      },
      context: context as unknown as EffectContext,
      log: createLog('silent'),
      repeat: () => () => {},
    })
    await runner.start()
    await vi.waitFor(() => expect(load).toHaveBeenCalledOnce())
    now += 7_200_000
    runner.poke()
    await vi.waitFor(() => expect(claimed).toBe(2))
    expect(load).toHaveBeenCalledOnce()
  })
})

describe('an effect that fails because the store does', () => {
  test('is released when the store works again', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.pass(115)
    const queries = (): number => harness.agora.calls().filter((call) => call === 'query').length
    const before = queries()
    const refuse = (what: string, table: string) =>
      sql`create trigger ${sql.raw(`refuse_${table}`)} before ${sql.raw(what)} on ${sql.table(table)}
        begin select raise(abort, 'injected'); end`.execute(harness.db)
    const delayed = harness.agora.delayAnswer('query')
    await harness.api('POST', `/v1/recordings/${REQUEST.id}/restart`)
    await harness.drainEffects()
    harness.jump(6)
    void harness.parts.sweep.runOnce()
    await delayed.arrived
    await refuse('update of body', 'recordings')
    await refuse('update', 'effects')
    delayed.release()
    await harness.parts.runner.idle()
    expect((await harness.dump()).effects).toHaveLength(1)
    await sql`drop trigger refuse_recordings`.execute(harness.db)
    await sql`drop trigger refuse_effects`.execute(harness.db)
    await harness.drainEffects()
    await harness.pass(6)
    expect(queries()).toBe(before + 2)
    expect((await harness.dump()).effects).toEqual([])
  })
})

describe('stopping the runner', () => {
  test('waits for running effects, and claims no more', async () => {
    const harness = await createHarness()
    const start = harness.agora.delayAnswer('start')
    await harness.api('POST', '/v1/recordings', REQUEST)
    await start.arrived
    const end = harness.parts.runner.stop()
    await harness.api('POST', '/v1/recordings', { ...REQUEST, id: 'b' })
    start.release()
    await end
    expect(await harness.recording()).toMatchObject({ state: 'loading', attempts: [{ sid: 'sid1' }] })
    expect(harness.agora.calls()).toEqual(['acquire', 'start'])
    expect((await harness.dump()).effects).toMatchObject([{ recording_id: 'b', claimed_until: 0 }])
  })

  test('ends an effect that waits for its retry: the next process sends the same start', async () => {
    const harness = await createHarness()
    harness.agora.answer('start', { status: 502, text: '<html>Bad Gateway</html>' })
    const waiting = harness.agora.holdWait()
    await harness.api('POST', '/v1/recordings', REQUEST)
    await waiting
    await harness.parts.runner.stop(60_000)
    expect((await harness.dump()).effects).toMatchObject([{ kind: 'start' }])
    expect((await harness.timeline()).at(-1)?.code).toBe('attempt.requested')
    expect(harness.log().filter(({ level }) => Number(level) >= 50)).toEqual([])
    await harness.crash()
    await harness.drainEffects()
    expect(harness.agora.calls()).toEqual(['acquire', 'start', 'start'])
    const [, first, second] = harness.agora.sent
    expect(second).toEqual(first)
    expect(await harness.recording()).toMatchObject({ state: 'loading', attempts: [{ number: 1 }] })
  })

  test.each(['query', 'stop'] as const)('ends a %s that waits, and it has no outcome', async (call) => {
    const harness = await createHarness({
      agora: { ...config.agora, baseUrls: ['http://one.test', 'http://two.test'], backoffScale: 1 },
    })
    await harness.rolling()
    const waiting = harness.agora.holdWait()
    harness.agora.answer(call, { status: 502, text: '<html>Bad Gateway</html>' })
    if (call === 'stop') await harness.api('POST', `/v1/recordings/${REQUEST.id}/stop`)
    else {
      harness.jump(6)
      await harness.parts.sweep.runOnce()
    }
    await waiting
    await harness.parts.runner.stop(60_000)
    expect((await harness.dump()).effects).toMatchObject([{ kind: call }])
    const codes = (await harness.timeline()).map(({ code }) => code)
    expect(codes).not.toContain('agora.unclear')
    expect(codes).not.toContain('attempt.stop_unconfirmed')
    await harness.crash()
    await harness.drainEffects()
    expect((await harness.dump()).effects).toEqual([])
  })

  test('leaves effects that do not end in time to the next process', async () => {
    const harness = await createHarness()
    const start = harness.agora.delayAnswer('start')
    await harness.api('POST', '/v1/recordings', REQUEST)
    await start.arrived
    await harness.parts.runner.stop(20)
    expect((await harness.dump()).effects).toMatchObject([{ kind: 'start' }])
    await harness.crash()
    await harness.drainEffects()
    expect(await harness.recording()).toMatchObject({ state: 'loading', attempts: [{ number: 1 }] })
    start.release()
  })
})
