import { expect, onTestFinished, test } from 'vitest'
import { type Answer, failuresIn, load, openStage, type Page, reportOf, type Stage } from './stage.ts'

const HEALTHY_PAGES = 500
const FLOOD = 2000
/** Requests that the attacker sends at the same time. */
const ATTACKERS = 24

/** Several at a time, until all are done. */
const inParallel = async <T>(
  count: number,
  width: number,
  job: (index: number) => Promise<T>,
): Promise<T[]> => {
  const results: T[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next
      next += 1
      results[index] = await job(index)
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  return results
}

const countsOf = (answers: Answer[]): Record<string, number> =>
  Object.fromEntries(
    Object.entries(Object.groupBy(answers, ({ status }) => status)).map(([status, all = []]) => [
      status,
      all.length,
    ]),
  )

/** All that a stranger with the token could vary: documents, failing checks, warnings, errors, sizes. */
const attackWith =
  ({ post }: Stage, { token }: Page) =>
  (index: number): Promise<Answer> => {
    const page = `attacker-${index % 3 === 0 ? index : index % 7}`
    const detail = `${index} ${'x'.repeat(90)}`
    const checks = Array.from({ length: 40 }, (_, each) => ({
      name: `#c${index}-${each}`,
      ok: false,
      detail,
    }))
    const firstError = `Error number ${index}: ${'words '.repeat(60)}`
    const type = (['hello', 'loaded', 'heartbeat', 'bye'] as const)[index % 4] ?? 'hello'
    const report = {
      token,
      page,
      seq: index + 1,
      checks,
      errors: 1,
      firstError,
      warnings: [{ name: `w${index}`, detail }],
    }
    return post('/v1/reports', JSON.stringify(reportOf(type, report)))
  }

/** The token with another recording, attempt, nonce or signature, or none at all. */
const forgeriesOf = ({ token }: Page): string[] => [
  token.replace('leaked', 'healthy1'),
  token.replace(/-\d+-/, '-2-'),
  token.replace(/-([a-z0-9]+)\./, '-1$1.'),
  token.slice(0, -4),
  `${token.slice(0, -1)}A`,
  token.replace('v1.', 'v1f.'),
  '',
]

/** Bytes of all that is stored. The files of a database in use have room to spare. */
const storedBytes = async ({ post, apiKey }: Stage): Promise<number> => {
  const { headers } = await post('/v1/backup', '', { authorization: `Bearer ${apiKey}` })
  return Number(headers['content-length'])
}

test('floods of a leaked token and of forged ones: 500 healthy pages lose nothing, and the database hardly grows', {
  timeout: 300_000,
}, async () => {
  const stage = await openStage()
  onTestFinished(stage.close)
  const leaked = await stage.record('leaked')
  const healthy = await inParallel(HEALTHY_PAGES, 16, (index) => stage.record(`healthy${index}`))
  const loaded = await inParallel(HEALTHY_PAGES, 16, async (index) => healthy[index] && load(healthy[index]))
  expect(loaded.flat()).toEqual(Array(2 * HEALTHY_PAGES).fill(200))
  expect(await load(leaked)).toEqual([200, 200])
  const before = await storedBytes(stage)

  const attack = attackWith(stage, leaked)
  const forgeries = forgeriesOf(leaked)
  const forge = (index: number): Promise<Answer> => {
    const token = forgeries[index % forgeries.length] ?? ''
    return stage.post('/v1/reports', JSON.stringify(reportOf('hello', { token, page: `p${index}`, seq: 1 })))
  }
  const startedAt = Date.now()
  const [floods, forged, reports] = await Promise.all([
    inParallel(FLOOD, ATTACKERS, attack),
    inParallel(FLOOD, ATTACKERS, forge),
    inParallel(3 * HEALTHY_PAGES, 16, async (index) => healthy[index % HEALTHY_PAGES]?.send()),
  ])
  const seconds = (Date.now() - startedAt) / 1000

  expect(countsOf(reports.filter((each) => each !== undefined))).toEqual({ 200: 3 * HEALTHY_PAGES })
  const accepted = countsOf(floods)
  expect(Object.keys(accepted)).toEqual(['200', '429'])
  // 60 in each of the windows of 10 s that the flood touched.
  expect(accepted[200]).toBeLessThanOrEqual(60 * Math.ceil(seconds / 10 + 1))
  expect(Object.keys(countsOf(forged))).toEqual(['401', '429'])
  expect(floods.find(({ status }) => status === 429)?.headers['retry-after']).toMatch(/^([1-9]|10)$/)

  const grown = (await storedBytes(stage)) - before
  expect(grown, 'bytes that are stored').toBeLessThan(500_000)
  const timeline = await stage.api.timeline('leaked', 0)
  expect(JSON.stringify(timeline).length, 'bytes of the timeline').toBeLessThan(150_000)

  const recordings = await stage.api.list()
  expect(recordings).toHaveLength(HEALTHY_PAGES + 1)
  const states = recordings
    .filter(({ id }) => id !== 'leaked')
    .map(({ state, attemptCount, attention }) => ({ state, attemptCount, attention }))
  expect(new Set(states.map((each) => JSON.stringify(each)))).toEqual(
    new Set([JSON.stringify({ state: 'rolling', attemptCount: 1, attention: [] })]),
  )
  expect(failuresIn(stage)).toEqual([])
})
