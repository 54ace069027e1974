import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { expectProblem } from '../testing/expectProblem.ts'
import { createHarness, type Harness } from '../testing/harness.ts'
import type { SummaryView } from './summary.ts'

const summaryOf = async (harness: Harness): Promise<SummaryView> =>
  (await (await harness.api('GET', '/v1/summary')).json()) as SummaryView

test('GET /v1/summary counts every state and code, and has no problem while all is well', async () => {
  const harness = await createHarness()
  await harness.rolling({ id: 'a' })
  await harness.create({ id: 'b' })
  const { states, attention, oldestProblem } = await summaryOf(harness)
  expect(states).toMatchObject({ rolling: 1, loading: 1, unhealthy: 0, failed: 0, stopped: 0 })
  expect(attention).toMatchObject({ no_files: 0, slow_retries: 0 })
  expect(oldestProblem).toBeNull()
})

test('GET /v1/summary names the oldest problem, until somebody stops it', async () => {
  const harness = await createHarness()
  harness.agora.always('acquire', { status: 400, json: { code: 2, reason: 'invalid parameter' } })
  await harness.create({ id: 'first' })
  harness.jump(60)
  await harness.create({ id: 'second' })
  expect(await summaryOf(harness)).toMatchObject({
    states: { failed: 2 },
    oldestProblem: { id: 'first', since: '2026-01-01T00:00:00.000Z', state: 'failed', attention: null },
  })
  await harness.api('POST', '/v1/recordings/first/stop')
  expect((await summaryOf(harness)).oldestProblem).toMatchObject({
    ...{ id: 'second', since: '2026-01-01T00:01:00.000Z' },
  })
})

test('GET /v1/summary leaves out a code that only a newer version knows', async () => {
  const harness = await createHarness()
  await harness.create({ id: 'a' })
  await sql`insert into attention values ('a', 'of_tomorrow', 1, 'a')`.execute(harness.db)
  const { attention, oldestProblem } = await summaryOf(harness)
  expect(attention).not.toHaveProperty('of_tomorrow')
  expect(oldestProblem).toBeNull()
})

test('GET /v1/summary needs a key', async () => {
  const harness = await createHarness()
  await expectProblem(await harness.request('/v1/summary'), 401, 'invalid_api_key')
})
