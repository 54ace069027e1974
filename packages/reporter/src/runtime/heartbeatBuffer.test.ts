import { describe, expect, test } from 'vitest'
import { createSqliteStore } from '../store/sqlite/sqliteStore.ts'
import type { PageReport } from '../supervisor/signal.ts'
import { createHarness, type Harness } from '../testing/harness.ts'
import { loadFrom } from '../testing/stores.ts'
import { createHeartbeatBuffer } from './heartbeatBuffer.ts'

const stored = async (harness: Harness): Promise<unknown[]> =>
  (await harness.db.selectFrom('last_heartbeats').select(['page', 'seq', 'at']).execute()).map(
    ({ page, seq, at }) => [page, seq, (at - START) / 1000],
  )
const START = Date.UTC(2026, 0, 1)

describe('steady heartbeats', () => {
  test('write no row until the next flush', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const before = await harness.dump()
    for (let count = 0; count < 5; count += 1) {
      harness.jump(1)
      expect((await harness.report({})).status).toBe(200)
    }
    expect(await harness.dump()).toEqual(before)
    await harness.parts.heartbeats.flush()
    expect(await stored(harness)).toEqual([['page1', 7, 5]])
    const { last_heartbeats: _, ...rest } = await harness.dump()
    expect({ ...rest, last_heartbeats: [] }).toEqual(before)
  })

  test('with a new warning are decided on, once', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const warnings = [{ name: 'video', detail: 'its picture is black' }]
    for (let count = 0; count < 3; count += 1) expect((await harness.report({ warnings })).status).toBe(200)
    const entries = (await harness.timeline()).filter(({ code }) => code === 'page.warned')
    expect(entries).toMatchObject([{ evidence: { warnings } }])
    expect(await harness.recording()).toMatchObject({ state: 'rolling' })
  })

  test('with the first script error are decided on, once', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const firstError = 'Error: lesson 42 has no teacher'
    for (let count = 0; count < 3; count += 1)
      expect((await harness.report({ errors: 1, firstError })).status).toBe(200)
    const entries = (await harness.timeline()).filter(({ code }) => code === 'page.error')
    expect(entries).toMatchObject([{ evidence: { error: firstError } }])
    const before = await harness.dump()
    await harness.report({ errors: 2, firstError })
    expect(await harness.dump()).toEqual(before)
  })

  test('are decided on while the attempt is to be replaced, although its silence was forgiven in a downtime', async () => {
    const harness = await createHarness()
    await harness.rolling()
    harness.agora.always('query', { status: 200, json: { serverResponse: { status: 5 } } })
    await harness.pass(35)
    expect(await harness.recording()).toMatchObject({ state: 'unhealthy', reason: { code: 'page_silent' } })
    harness.parts.downtimes.add({ downtimeMs: 10_000, clockStepBackMs: 0 })
    await harness.parts.engine.handle('class42', { type: 'due' })
    await harness.report({})
    expect(await harness.recording()).toMatchObject({ state: 'rolling', reason: null })
  })

  test('keep a recording rolling without a query', async () => {
    const harness = await createHarness()
    await harness.rolling()
    harness.agora.always('query', { status: 200, json: { serverResponse: { status: 5 } } })
    for (let round = 0; round < 10; round += 1) {
      await harness.pass(9)
      await harness.report({})
    }
    expect(await harness.recording()).toMatchObject({ state: 'rolling', attempts: [{ number: 1 }] })
    expect((await harness.timeline()).map(({ code }) => code)).not.toContain('page.silent')
    // One query confirms the start; the next is due after 120 s.
    expect(harness.agora.calls().filter((call) => call === 'query')).toHaveLength(1)
  })

  test('change nothing if they are late or repeated', async () => {
    const harness = await createHarness()
    await harness.rolling()
    harness.jump(3)
    await harness.report({ seq: 9 })
    harness.jump(4)
    await harness.report({ seq: 9 })
    await harness.report({ seq: 8 })
    await harness.parts.heartbeats.flush()
    expect(await stored(harness)).toEqual([['page1', 9, 3]])
  })

  test('are decided on when a check has changed, or another page reports', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.report({ checks: [{ name: '#board', ok: false }] })
    expect(await harness.recording()).toMatchObject({ state: 'unhealthy' })
    const failed = await harness.dump()
    await harness.report({ checks: [{ name: '#board', ok: false, detail: 'hidden' }] })
    expect(await harness.dump()).toEqual(failed)
    await harness.report({ checks: [] })
    expect(await harness.recording()).toMatchObject({ state: 'rolling' })
    await harness.report({ page: 'page2' })
    expect((await harness.timeline()).at(-1)?.code).toBe('page.reloaded')
  })

  test('survive a decision that is stored after them but was made before', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const { engine, heartbeats } = harness.parts
    const decided = await engine.load('class42')
    if (!decided) throw new Error('unreachable')
    harness.jump(4)
    expect((await harness.report({})).status).toBe(200)
    heartbeats.track(decided.recording)
    await heartbeats.flush()
    expect((await harness.recording()).attempts[0]?.lastBeatAt).toBe('2026-01-01T00:00:04.000Z')
    expect(await stored(harness)).toEqual([['page1', 3, 4]])
  })

  test('are written by the next flush although a decision was stored while the one before failed', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const { recording } = await loadFrom(createSqliteStore(harness.db), 'class42')
    const store = createSqliteStore(harness.db)
    let saving = Promise.withResolvers<void>()
    const heartbeats = createHeartbeatBuffer({
      saveLastHeartbeats: async (rows) => {
        await saving.promise
        await store.saveLastHeartbeats(rows)
      },
    })
    heartbeats.track(recording)
    harness.jump(4)
    const report: PageReport = { type: 'heartbeat', page: 'page1', seq: 9, failing: [] }
    expect(heartbeats.absorb({ recordingId: 'class42', number: 1 }, report, harness.now())).toBe(true)
    const failing = heartbeats.flush()
    heartbeats.track(recording)
    saving.reject(new Error('injected'))
    await expect(failing).rejects.toThrow('injected')
    saving = Promise.withResolvers()
    saving.resolve()
    await heartbeats.flush()
    expect(await stored(harness)).toEqual([['page1', 9, 4]])
  })

  test('are restored after a crash, up to the last flush', async () => {
    const harness = await createHarness()
    await harness.rolling()
    harness.jump(2)
    await harness.report({})
    await harness.parts.heartbeats.flush()
    harness.jump(2)
    await harness.report({})
    await harness.crash()
    expect((await harness.recording()).attempts[0]?.lastBeatAt).toBe('2026-01-01T00:00:02.000Z')
    expect((await harness.report({})).status).toBe(200)
    expect((await harness.recording()).attempts[0]?.lastBeatAt).toBe('2026-01-01T00:00:04.000Z')
  })

  test('from before a downtime are no activity since, whatever the wall clock says', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const { heartbeats } = harness.parts
    harness.jump(4)
    await harness.report({})
    expect([...heartbeats.expectedPages()]).toMatchObject([{ at: START + 4000 }])
    heartbeats.resumed(1)
    expect([...heartbeats.expectedPages()]).toMatchObject([{ at: Number.NEGATIVE_INFINITY }])
  })
})
