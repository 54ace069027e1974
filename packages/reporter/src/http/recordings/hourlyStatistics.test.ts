import { describe, expect, test } from 'vitest'
import { expectProblem } from '../../testing/expectProblem.ts'
import { createHarness, type Harness } from '../../testing/harness.ts'

/** Flushes first, as the reporter does once a minute. */
const statsOf = async (harness: Harness): Promise<unknown> => {
  await harness.parts.statistics.flush()
  const response = await harness.api('GET', '/v1/recordings/class42/stats')
  expect(response.status).toBe(200)
  return response.json()
}

const WELL = { unhealthy: 0, missed: 0, errors: 0, failed: 0, lateMax: 0, blank: 0 }

describe('GET /v1/recordings/:id/stats', () => {
  test('adds up the reports of each hour', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.report({ frames: 3, late: 40.6 })
    await harness.report({ frames: 0, errors: 2, failed: 1 })
    await harness.report({ frames: 3, checks: [{ name: '#board', ok: false }], missed: 0 })
    harness.jump(3600)
    await harness.report({ frames: 3, seq: 8, missed: 2, errors: 2, failed: 1 })
    expect(await statsOf(harness)).toEqual({
      items: [
        {
          attempt: 1,
          hour: '2026-01-01T00:00:00.000Z',
          ...{ reports: 5, unhealthy: 1, missed: 0, errors: 2, failed: 1, lateMax: 41, blank: 1 },
        },
        {
          attempt: 1,
          hour: '2026-01-01T01:00:00.000Z',
          ...{ reports: 1, unhealthy: 0, missed: 2, errors: 2, failed: 1, lateMax: 0, blank: 0 },
        },
      ],
    })
  })

  test('counts stored reports only, each once', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.report({ frames: 1, seq: 9 })
    expect((await harness.report({ frames: 1, seq: 9 })).status).toBe(200)
    expect((await harness.report({ frames: 1, sid: 'foreign', seq: 10 })).status).toBe(409)
    expect((await harness.report({ frames: 1, errors: -1, seq: 11 })).status).toBe(400)
    await harness.api('POST', '/v1/recordings/class42/restart')
    await harness.drainEffects()
    expect((await harness.report({ frames: 1, seq: 12 })).status).toBe(410)
    await harness.report({ frames: 1, seq: 1, attempt: 2, page: 'page2', type: 'hello' })
    const hour = '2026-01-01T00:00:00.000Z'
    expect(await statsOf(harness)).toEqual({
      items: [
        { attempt: 1, hour, reports: 3, ...WELL },
        { attempt: 2, hour, reports: 1, ...WELL },
      ],
    })
  })

  test('does not count a heartbeat of an older probe, which does not report frames, as blank', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.report({ frames: undefined })
    expect(await statsOf(harness)).toMatchObject({ items: [{ reports: 3, blank: 0 }] })
  })

  test('loses what was not flushed in a crash, and counts on', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.parts.statistics.flush()
    await harness.report({ frames: 1 })
    await harness.crash()
    await harness.report({ frames: 1 })
    expect(await statsOf(harness)).toMatchObject({ items: [{ reports: 3 }] })
  })

  test('has no item before the page has sent a report', async () => {
    const harness = await createHarness()
    await harness.create()
    expect(await statsOf(harness)).toEqual({ items: [] })
  })

  test('answers 404 to an unknown id', async () => {
    const harness = await createHarness()
    await expectProblem(await harness.api('GET', '/v1/recordings/unknown/stats'), 404)
  })

  test('needs the API key', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await expectProblem(await harness.request('/v1/recordings/class42/stats'), 401)
  })
})

test('counting a report costs no transaction, and what cannot be flushed is flushed later', async () => {
  const harness = await createHarness()
  await harness.rolling()
  const before = await harness.dump()
  await harness.report({ frames: 1 })
  expect(await harness.dump()).toEqual(before)
  await harness.db.schema.alterTable('roll_ups').renameTo('lost').execute()
  await expect(harness.parts.statistics.flush()).rejects.toThrow(/roll_ups/)
  expect((await harness.report({ frames: 1 })).status).toBe(200)
  await harness.db.schema.alterTable('lost').renameTo('roll_ups').execute()
  expect(await statsOf(harness)).toMatchObject({ items: [{ reports: 4 }] })
})
