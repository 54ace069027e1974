import type { Report } from '@stillrolling/probe/types'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createLog } from '../log.ts'
import type { HourlyStatistics } from '../store/types.ts'
import { startAttempt } from '../supervisor/attempt.ts'
import { openDraft } from '../supervisor/draft.ts'
import { PAGE_RULES } from '../supervisor/page/rules.ts'
import { DEFAULT_POLICY } from '../supervisor/policy.ts'
import { type Attempt, newRecording } from '../supervisor/recording.ts'
import { createMemory } from '../testing/memoryStore.ts'
import { createStatisticsCollector, type StatisticsCollector } from './statisticsCollector.ts'

const HOUR = 3_600_000
const NIGHT = Date.UTC(2026, 0, 1, 3)

const REPORT: Report = {
  v: 1,
  token: '',
  type: 'heartbeat',
  page: 'page1',
  seq: 1,
  at: 0,
  checks: [{ name: '#board', ok: true }],
  media: [],
  visible: true,
  late: 0,
  errors: 0,
  failed: 0,
  frames: 5,
  warnings: [],
  missed: 0,
}

/** Attempt `number`, whose current page is `page`. */
const attemptOf = (page: string, { number = 1, loaded = true } = {}): Attempt => {
  const draft = openDraft(newRecording('a', DEFAULT_POLICY, 0, 3), PAGE_RULES, { now: 0, random: 0 })
  for (let made = 0; made < number; made += 1) startAttempt(draft)
  const attempt = draft.recording.attempts.at(-1)
  if (!attempt) throw new Error('unreachable')
  return { ...attempt, page: { id: page, seq: 0, openedAt: null, loaded, failing: [], failingSince: null } }
}

interface Setup {
  collector: StatisticsCollector
  /** Flushes, and returns what is stored. */
  stored(): Promise<Partial<HourlyStatistics>[]>
  count(report: Partial<Report>, attempt?: Attempt): void
  advance(ms: number): void
  /** Makes the store fail after this many more writes, or work again. */
  failStore(options: { after: number } | 'never'): void
}

const createSetup = (): Setup => {
  const store = createMemory().connect()
  let now = NIGHT
  let writesLeft = Number.POSITIVE_INFINITY
  const collector = createStatisticsCollector({
    store: {
      addHourlyStatistics: async (added) => {
        if (writesLeft === 0) throw new Error('the disk is full')
        writesLeft -= 1
        await store.addHourlyStatistics(added)
      },
    },
    clock: { now: () => now, elapsed: () => now },
    log: createLog('silent'),
  })
  return {
    collector,
    stored: async () => {
      await collector.flush()
      return (await store.readHourlyStatistics('a')).map(({ recordingId: _, ...figures }) => figures)
    },
    count: (report, attempt = attemptOf(report.page ?? 'page1')) =>
      collector.count('a', attempt, { ...REPORT, ...report }),
    advance: (ms) => {
      now += ms
    },
    failStore: (options) => {
      writesLeft = options === 'never' ? Number.POSITIVE_INFINITY : options.after
    },
  }
}

const NO_PROBLEMS = { unhealthy: 0, missed: 0, errors: 0, failed: 0, lateMax: 0, blank: 0 }

describe('counts a report', () => {
  test.each<[string, Partial<Report>, Partial<HourlyStatistics>]>([
    ['without problems', {}, {}],
    ['with a failed check', { checks: [{ name: '#board', ok: false }] }, { unhealthy: 1 }],
    ['with failed media', { media: [{ name: 'video', ok: false, time: 0, frames: 0 }] }, { unhealthy: 1 }],
    ['that follows missed ones', { seq: 9, missed: 3 }, { missed: 3 }],
    ['that claims more missed ones than there can be', { seq: 4, missed: 50 }, { missed: 3 }],
    ['that claims more missed ones than a day can have', { seq: 1e15, missed: 1e15 }, { missed: 86_400 }],
    ['with errors', { errors: 4, failed: 2 }, { errors: 4, failed: 2 }],
    [
      'with more errors than a document can have',
      { errors: 1e300, failed: 1e300 },
      { errors: 1e6, failed: 1e6 },
    ],
    ['whose tick was late', { late: 1234.4 }, { lateMax: 1234 }],
    ['whose tick was early', { late: -20 }, { lateMax: 0 }],
    ['whose tick was more than a day late', { late: 1e300 }, { lateMax: 86_400_000 }],
    ['without a frame', { frames: 0 }, { blank: 1 }],
    ['without a frame, of a hidden page', { frames: 0, visible: false }, {}],
    ['without a frame, that is not a heartbeat', { frames: 0, type: 'bye' }, {}],
  ])('%s', async (_what, report, expected) => {
    const { count, stored } = createSetup()
    count(report)
    expect(await stored()).toEqual([{ attempt: 1, hour: NIGHT, reports: 1, ...NO_PROBLEMS, ...expected }])
  })

  test('with failed checks before its page has loaded as healthy', async () => {
    const { count, stored } = createSetup()
    count({ checks: [{ name: '#board', ok: false }] }, attemptOf('page1', { loaded: false }))
    expect(await stored()).toMatchObject([{ reports: 1, unhealthy: 0 }])
  })
})

describe('merges reports', () => {
  test('by adding counts and keeping maxima, before and after a flush', async () => {
    const { count, stored } = createSetup()
    count({ seq: 1, errors: 3, late: 10, frames: 0 })
    count({ seq: 4, missed: 2, errors: 1, late: 700 })
    expect(await stored()).toMatchObject([{ reports: 2, missed: 2, errors: 3, lateMax: 700, blank: 1 }])
    count({ seq: 6, missed: 1, errors: 2, failed: 8, frames: 0 })
    const all = { reports: 3, missed: 3, errors: 3, failed: 8, lateMax: 700, blank: 2 }
    expect(await stored()).toMatchObject([all])
    expect(await stored()).toMatchObject([all])
  })

  test('by hour and attempt', async () => {
    const { count, stored, advance } = createSetup()
    advance(HOUR - 1)
    count({ seq: 1 })
    advance(1)
    count({ seq: 2 })
    count({ seq: 1, page: 'page2' }, attemptOf('page2', { number: 2 }))
    expect(await stored()).toMatchObject([
      { attempt: 1, hour: NIGHT, reports: 1 },
      { attempt: 1, hour: NIGHT + HOUR, reports: 1 },
      { attempt: 2, hour: NIGHT + HOUR, reports: 1 },
    ])
  })

  test('but ignores late and repeated ones, and those of an earlier page', async () => {
    const { count, stored } = createSetup()
    count({ seq: 5 })
    count({ seq: 5 })
    count({ seq: 4 })
    count({ seq: 1, page: 'page2' })
    count({ seq: 6 }, attemptOf('page2'))
    expect(await stored()).toMatchObject([{ reports: 2 }])
  })

  test('and does not count one as missed if only its answer was lost', async () => {
    const { count, stored } = createSetup()
    count({ seq: 4 })
    count({ seq: 7, missed: 2 })
    // The page still believes that 4 was the last one to arrive.
    count({ seq: 9, missed: 4 })
    expect(await stored()).toMatchObject([{ reports: 3, missed: 3 }])
  })

  test('but forgets the sequence number of a page that was silent for more than an hour', async () => {
    const { count, stored, advance } = createSetup()
    count({ seq: 7 })
    await stored()
    advance(HOUR)
    await stored()
    count({ seq: 7 })
    expect(await stored()).toMatchObject([{ reports: 1 }])
    advance(HOUR + 1)
    await stored()
    count({ seq: 7 })
    expect(await stored()).toMatchObject([{ reports: 1 }, { hour: NIGHT + 2 * HOUR, reports: 1 }])
  })
})

describe('the store', () => {
  test('receives every figure once, after a failed write', async () => {
    const { count, stored, collector, failStore } = createSetup()
    count({ seq: 1 })
    failStore({ after: 0 })
    await expect(collector.flush()).rejects.toThrow('the disk is full')
    count({ seq: 2 })
    failStore('never')
    expect(await stored()).toMatchObject([{ reports: 2 }])
  })

  test('receives every figure once, after the second of several writes failed', async () => {
    const { count, stored, collector, advance, failStore } = createSetup()
    const hours = 600
    for (let hour = 1; hour <= hours; hour += 1) {
      count({ seq: hour })
      advance(HOUR)
    }
    failStore({ after: 1 })
    await expect(collector.flush()).rejects.toThrow('the disk is full')
    failStore('never')
    const found = await stored()
    expect(found).toHaveLength(hours)
    expect(new Set(found.map(({ reports }) => reports))).toEqual(new Set([1]))
  })

  test('receives figures once a minute, after a failure too, and when the collector stops', async () => {
    vi.useFakeTimers()
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const flushed: number[] = []
    let broken = true
    const collector = createStatisticsCollector({
      store: {
        addHourlyStatistics: async ([row]) => {
          if (broken) throw new Error('the disk is full')
          flushed.push(row?.reports ?? 0)
        },
      },
      clock: { now: () => NIGHT, elapsed: () => NIGHT },
      log: createLog('silent'),
    })
    const countOne = (seq: number): void => collector.count('a', attemptOf('page1'), { ...REPORT, seq })
    collector.start()
    countOne(1)
    await vi.advanceTimersByTimeAsync(60_000)
    broken = false
    countOne(2)
    await vi.advanceTimersByTimeAsync(59_999)
    expect(flushed).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(flushed).toEqual([2])
    countOne(3)
    await collector.stop()
    expect(flushed).toEqual([2, 1])
    countOne(4)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(flushed).toEqual([2, 1])
  })
})
