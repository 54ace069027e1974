import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { createHarness, type Harness } from '../testing/harness.ts'

const START = Date.UTC(2026, 0, 1)

/** Seconds after the harness's start. The next query comes after two minutes. */
const dueTimes = async (harness: Harness): Promise<Record<string, number | null>> => {
  const rows = await harness.db.selectFrom('recordings').select(['id', 'due_at']).execute()
  return Object.fromEntries(
    rows.map(({ id, due_at }) => [id, due_at === null ? null : (Number(due_at) - START) / 1000]),
  )
}

describe('after a downtime', () => {
  test('due recordings get the due times that they will have, and are not decided on', async () => {
    const harness = await createHarness({ defaultPolicy: { heartbeatTimeout: 40 } })
    await harness.rolling({ id: 'a' })
    await harness.rolling({ id: 'b', policy: { heartbeatTimeout: 60 } })
    await harness.pass(6)
    harness.jump(54)
    await harness.crash()
    expect(await dueTimes(harness)).toEqual({ a: 100, b: 120 })
    const versions = await harness.db.selectFrom('recordings').select('version').distinct().execute()
    await harness.pass(39)
    expect(await harness.db.selectFrom('recordings').select('version').distinct().execute()).toEqual(versions)
    await harness.pass(1)
    expect((await harness.recording('a')).reason?.code).toBe('page_silent')
    expect(await harness.recording('b')).toMatchObject({ state: 'rolling' })
  })

  test('those of which something is to be decided are decided on', async () => {
    const harness = await createHarness()
    for (const id of ['steady', 'stopping']) await harness.rolling({ id })
    await harness.pass(6)
    harness.agora.always('stop', { status: 503, json: {} })
    await harness.api('POST', '/v1/recordings/stopping/stop')
    await harness.drainEffects()
    harness.jump(54)
    await harness.parts.downtimes.settle()
    const ids = ['steady', 'stopping', 'unknown']
    expect(await harness.parts.engine.pushBackDueTimes(ids)).toEqual(['stopping', 'unknown'])
  })

  test('one that cannot be read does not hold up the others, and is logged', async () => {
    const harness = await createHarness()
    for (const id of ['steady', 'damaged']) await harness.rolling({ id })
    await harness.pass(6)
    await sql`update recordings set body = 'junk' where id = 'damaged'`.execute(harness.db)
    harness.jump(54)
    await harness.crash()
    expect((await dueTimes(harness)).steady).toBe(90)
    const error = expect.objectContaining({ msg: expect.stringContaining('could not be handled') })
    expect(harness.log()).toContainEqual(error)
  })

  test('the pages of recordings that were not decided on are expected: if all are silent, it is an outage', async () => {
    const harness = await createHarness()
    const ids = ['one', 'two', 'three', 'four']
    for (const id of ids) await harness.rolling({ id })
    await harness.pass(6)
    harness.jump(600)
    await harness.crash()
    await harness.pass(60)
    for (const id of ids) {
      expect((await harness.recording(id)).attempts).toHaveLength(1)
      const codes = (await harness.timeline(id)).map(({ code }) => code)
      expect(codes).toContain('page.silent_in_outage')
      expect(codes).not.toContain('page.silent')
    }
  })

  test('with a step of the wall clock, silent pages are an outage as well', async () => {
    const harness = await createHarness()
    const ids = ['one', 'two', 'three', 'four']
    for (const id of ids) await harness.rolling({ id })
    await harness.pass(6)
    harness.stepClock(-3600)
    await harness.pass(60)
    for (const id of ids) expect((await harness.recording(id)).attempts).toHaveLength(1)
  })
})
