import { describe, expect, test } from 'vitest'
import { createHarness, type Harness } from '../testing/harness.ts'

const stored = async (harness: Harness): Promise<unknown[]> =>
  (await harness.db.selectFrom('beats').select(['page', 'seq', 'at']).execute()).map(({ page, seq, at }) => [
    page,
    seq,
    (at - START) / 1000,
  ])
const START = Date.UTC(2026, 0, 1)

describe('steady heartbeats', () => {
  test('write no row until they are flushed together', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const before = await harness.dump()
    for (let beat = 0; beat < 5; beat += 1) {
      harness.jump(1)
      expect((await harness.report({})).status).toBe(200)
    }
    expect(await harness.dump()).toEqual(before)
    await harness.parts.heartbeats.flush()
    expect(await stored(harness)).toEqual([['page1', 7, 5]])
    const { beats: _, ...rest } = await harness.dump()
    expect({ ...rest, beats: [] }).toEqual(before)
  })

  test('with another warning take the road, once', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const warnings = [{ name: 'video', detail: 'its picture is black' }]
    for (let beat = 0; beat < 3; beat += 1) expect((await harness.report({ warnings })).status).toBe(200)
    const told = (await harness.timeline()).filter(({ code }) => code === 'page.warned')
    expect(told).toMatchObject([{ evidence: { warnings } }])
    expect(await harness.recording()).toMatchObject({ state: 'rolling' })
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
    // Once, to confirm the start; the next is due after 120 s.
    expect(harness.agora.calls().filter((call) => call === 'query')).toHaveLength(1)
  })

  test('are taken once: a late or repeated one moves nothing', async () => {
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

  test('take the long way when a check has turned, and when another page speaks', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.report({ checks: [{ name: '#board', ok: false }] })
    expect(await harness.recording()).toMatchObject({ state: 'unhealthy' })
    const turned = await harness.dump()
    await harness.report({ checks: [{ name: '#board', ok: false, detail: 'hidden' }] })
    expect(await harness.dump()).toEqual(turned)
    await harness.report({ checks: [] })
    expect(await harness.recording()).toMatchObject({ state: 'rolling' })
    await harness.report({ page: 'page2' })
    expect((await harness.timeline()).at(-1)?.code).toBe('page.reloaded')
  })

  test('that come while a decision is being stored are not forgotten', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const { engine, heartbeats: pulse } = harness.parts
    const decided = await engine.load('class42')
    if (!decided) throw new Error('it was just created')
    harness.jump(4)
    expect((await harness.report({})).status).toBe(200)
    // What was decided before the heartbeat is stored after it.
    pulse.track(decided.recording)
    await pulse.flush()
    expect((await harness.recording()).attempts[0]?.lastBeatAt).toBe('2026-01-01T00:00:04.000Z')
    expect(await stored(harness)).toEqual([['page1', 3, 4]])
  })

  test('are there again after a crash, up to the last flush', async () => {
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
})
