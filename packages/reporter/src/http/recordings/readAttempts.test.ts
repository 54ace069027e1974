import { describe, expect, test } from 'vitest'
import { saveSettledAttempts } from '../../store/attempts.ts'
import { loadRecording, saveRecording } from '../../store/recordings.ts'
import type { Attempt } from '../../supervisor/recording.ts'
import { expectProblem } from '../../testing/expectProblem.ts'
import { createHarness, type Harness, REQUEST } from '../../testing/harness.ts'
import { attemptsOf } from '../../testing/stores.ts'
import type { AttemptView } from './attemptView.ts'

const START = Date.UTC(2026, 0, 1)
const MINUTE = 60_000

/** Every attempt rolled for 50 s of its minute. */
const wellFor50s = (attempt: Attempt): Partial<Attempt> => ({
  loadedAt: attempt.createdAt + 5000,
  wellUntil: attempt.createdAt + 55_000,
  files: [`a${attempt.number}.m3u8`],
})

/** A recording with this number of settled attempts, a minute each, before the current one. */
const withSettled = async (
  count: number,
  changesOf: (attempt: Attempt) => Partial<Attempt> = wellFor50s,
): Promise<Harness> => {
  const harness = await createHarness()
  await harness.rolling()
  const stored = await loadRecording(harness.db, REQUEST.id)
  const [current] = stored?.recording.attempts ?? []
  if (!stored || !current) throw new Error('a recording')
  const settled = attemptsOf(
    REQUEST.id,
    Array.from({ length: count }, (_, index) => `sid${index + 1}`),
  ).map((attempt): Attempt => {
    const createdAt = START + (attempt.number - 1) * MINUTE
    const ended: Attempt = { ...attempt, createdAt, state: 'ended', endedAt: createdAt + MINUTE }
    return { ...ended, ...changesOf(ended) }
  })
  await saveSettledAttempts(harness.db, REQUEST.id, settled)
  const number = count + 1
  const moved = {
    ...current,
    number,
    uid: `${900_000 + number}`,
    sid: 'now',
    loadedAt: START + count * MINUTE + 5000,
  }
  await saveRecording(
    harness.db,
    stored,
    { ...stored.recording, attempts: [moved], attemptCount: number },
    START,
  )
  await harness.crash()
  return harness
}

const read = async (harness: Harness, query = ''): Promise<{ items: AttemptView[]; next: number | null }> => {
  const response = await harness.api('GET', `/v1/recordings/${REQUEST.id}/attempts${query}`)
  expect(response.status).toBe(200)
  return (await response.json()) as { items: AttemptView[]; next: number | null }
}

describe('GET /v1/recordings/:id/attempts', () => {
  test('lists those in the recording and the settled ones, newest first, page by page', async () => {
    const harness = await withSettled(6)
    const first = await read(harness, '?limit=3')
    expect(first.items.map(({ number, state }) => [number, state])).toEqual([
      [7, 'current'],
      [6, 'ended'],
      [5, 'ended'],
    ])
    expect(first.items[1]).toMatchObject({
      sid: 'sid6',
      files: [{ name: 'a6.m3u8', attempt: 6, status: 'confirmed', upload: 'unknown' }],
      wellUntil: '2026-01-01T00:05:55.000Z',
    })
    const second = await read(harness, `?limit=3&before=${first.next}`)
    expect(second.items.map(({ number }) => number)).toEqual([4, 3, 2])
    const last = await read(harness, `?limit=3&before=${second.next}`)
    expect(last.items.map(({ number }) => number)).toEqual([1])
    expect(last.next).toBeNull()
    expect(await read(harness, '?before=1')).toEqual({ items: [], next: null })
    expect((await read(harness)).items).toHaveLength(7)
  })

  test.each(['limit=0', 'limit=501', 'limit=x', 'before=0', 'before=x'])('refuses %s', async (query) => {
    const harness = await createHarness()
    await harness.create()
    const response = await harness.api('GET', `/v1/recordings/${REQUEST.id}/attempts?${query}`)
    expect((await expectProblem(response, 422)).errors?.[0]?.path).toBe(query.split('=')[0])
  })

  test('answers 404 to an unknown id', async () => {
    const harness = await createHarness()
    await expectProblem(await harness.api('GET', '/v1/recordings/unknown/attempts'), 404)
  })
})

describe('a recording with settled attempts', () => {
  test('has their files and gaps', async () => {
    const harness = await withSettled(3)
    const { attempts, attemptCount, files, gaps, historySince } = await harness.recording()
    expect(attempts.map(({ number }) => number)).toEqual([4])
    expect(attemptCount).toBe(4)
    expect(files.map(({ name, attempt }) => [name, attempt])).toEqual([
      ['a1.m3u8', 1],
      ['a2.m3u8', 2],
      ['a3.m3u8', 3],
      ['class42/a4/now_class42.m3u8', 4],
    ])
    expect(
      gaps.map(({ from, to, after, before }) => [from.slice(14, 19), to?.slice(14, 19), after, before]),
    ).toEqual([
      ['00:55', '01:05', 1, 2],
      ['01:55', '02:05', 2, 3],
      ['02:55', '03:05', 3, 4],
    ])
    expect(historySince).toBe('2026-01-01T00:00:00.000Z')
  })

  test('has the gap of an outage in which thousands of attempts recorded nothing, with the reason of the first', async () => {
    const why = { code: 'page_not_loaded', message: 'Not loaded', evidence: {} } as const
    const harness = await withSettled(3000, (attempt) => (attempt.number === 1 ? { endReason: why } : {}))
    const { gaps, historySince } = await harness.recording()
    expect(gaps).toEqual([
      {
        from: '2026-01-01T00:00:00.000Z',
        to: '2026-01-03T02:00:05.000Z',
        ...{ after: null, before: 3001, reason: 'page_not_loaded' },
      },
    ])
    expect(historySince).toBe('2026-01-01T00:00:00.000Z')
  })

  test('says since when its files and gaps are complete, and stays small after 8,000 attempts', async () => {
    const harness = await withSettled(8000)
    const view = await harness.recording()
    expect(view.historySince).toBe(new Date(START + 7800 * MINUTE).toISOString())
    expect(view.files.map(({ attempt }) => attempt)).toEqual(Array.from({ length: 201 }, (_, i) => 7801 + i))
    expect(view.gaps).toHaveLength(200)
    expect(view.gaps[0]).toMatchObject({ after: 7801, before: 7802 })
    expect(JSON.stringify(view).length).toBeLessThan(50_000)
    const list = await (await harness.api('GET', '/v1/recordings')).text()
    expect(list.length).toBeLessThan(1000)
    expect(JSON.parse(list).items[0]).toMatchObject({
      attemptCount: 8001,
      current: { number: 8001, sid: 'now' },
    })
  })
})
