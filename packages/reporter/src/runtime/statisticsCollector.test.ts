import type { Report } from '@stillrolling/probe/types'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createLog } from '../log.ts'
import type { HourlyStatistics } from '../store/types.ts'
import { startAttempt } from '../supervisor/attempt.ts'
import { openDraft } from '../supervisor/draft.ts'
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

/** Attempt `number`, whose document `page` has spoken. */
const attemptOf = (page: string, { number = 1, loaded = true } = {}): Attempt => {
  const draft = openDraft(newRecording('a', DEFAULT_POLICY, 0, 3), { now: 0, random: 0 })
  for (let made = 0; made < number; made += 1) startAttempt(draft)
  const attempt = draft.recording.attempts.at(-1)
  if (!attempt) throw new Error('it was just made')
  return { ...attempt, page: { id: page, seq: 0, loaded, failing: [], failingSince: null } }
}

interface Counting {
  rollUps: StatisticsCollector
  /** What the store has, after a flush. */
  stored(): Promise<Partial<HourlyStatistics>[]>
  said(report: Partial<Report>, attempt?: Attempt): void
  turn(ms: number): void
  /** The store takes nothing, from so many more writes on, or takes again. */
  breakStore(broken: boolean, after?: number): void
}

const counting = (): Counting => {
  const store = createMemory().connect()
  let now = NIGHT
  let takes = Number.POSITIVE_INFINITY
  const rollUps = createStatisticsCollector({
    store: {
      addHourlyStatistics: async (added) => {
        if (takes === 0) throw new Error('the disk is full')
        takes -= 1
        await store.addHourlyStatistics(added)
      },
    },
    clock: { now: () => now, elapsed: () => now },
    log: createLog('silent'),
  })
  return {
    rollUps,
    stored: async () => {
      await rollUps.flush()
      return (await store.readHourlyStatistics('a')).map(({ recordingId: _, ...figures }) => figures)
    },
    said: (report, attempt = attemptOf(report.page ?? 'page1')) =>
      rollUps.count('a', attempt, { ...REPORT, ...report }),
    turn: (ms) => {
      now += ms
    },
    breakStore: (broken, after = 0) => {
      takes = broken ? after : Number.POSITIVE_INFINITY
    },
  }
}

const NOTHING = { unhealthy: 0, missed: 0, errors: 0, failed: 0, lateMax: 0, blank: 0 }

describe('of one report', () => {
  test.each<[string, Partial<Report>, Partial<HourlyStatistics>]>([
    ['that is well', {}, {}],
    ['with a failed check', { checks: [{ name: '#board', ok: false }] }, { unhealthy: 1 }],
    ['with failed media', { media: [{ name: 'video', ok: false, time: 0, frames: 0 }] }, { unhealthy: 1 }],
    ['that comes after others that did not', { seq: 9, missed: 3 }, { missed: 3 }],
    ['that misses more than there can be', { seq: 4, missed: 50 }, { missed: 3 }],
    ['that misses more than a day has', { seq: 1e15, missed: 1e15 }, { missed: 86_400 }],
    ['with errors', { errors: 4, failed: 2 }, { errors: 4, failed: 2 }],
    ['with more than a document can have', { errors: 1e300, failed: 1e300 }, { errors: 1e6, failed: 1e6 }],
    ['that was late', { late: 1234.4 }, { lateMax: 1234 }],
    ['that was early', { late: -20 }, { lateMax: 0 }],
    ['that was later than a day', { late: 1e300 }, { lateMax: 86_400_000 }],
    ['without a frame', { frames: 0 }, { blank: 1 }],
    ['without a frame, of a hidden page', { frames: 0, visible: false }, {}],
    ['without a frame, between two frames', { frames: 0, type: 'bye' }, {}],
  ])('%s', async (_what, report, expected) => {
    const { said, stored } = counting()
    said(report)
    expect(await stored()).toEqual([{ attempt: 1, hour: NIGHT, reports: 1, ...NOTHING, ...expected }])
  })

  test('whose page has not loaded, failed checks are no sign of ill health', async () => {
    const { said, stored } = counting()
    said({ checks: [{ name: '#board', ok: false }] }, attemptOf('page1', { loaded: false }))
    expect(await stored()).toMatchObject([{ reports: 1, unhealthy: 0 }])
  })
})

describe('of many reports', () => {
  test('counts add up and maxima stay, before a flush and after it', async () => {
    const { said, stored } = counting()
    said({ seq: 1, errors: 3, late: 10, frames: 0 })
    said({ seq: 4, missed: 2, errors: 1, late: 700 })
    expect(await stored()).toMatchObject([{ reports: 2, missed: 2, errors: 3, lateMax: 700, blank: 1 }])
    said({ seq: 6, missed: 1, errors: 2, failed: 8, frames: 0 })
    const all = { reports: 3, missed: 3, errors: 3, failed: 8, lateMax: 700, blank: 2 }
    expect(await stored()).toMatchObject([all])
    expect(await stored()).toMatchObject([all])
  })

  test('each hour and each attempt has its own', async () => {
    const { said, stored, turn } = counting()
    turn(HOUR - 1)
    said({ seq: 1 })
    turn(1)
    said({ seq: 2 })
    said({ seq: 1, page: 'page2' }, attemptOf('page2', { number: 2 }))
    expect(await stored()).toMatchObject([
      { attempt: 1, hour: NIGHT, reports: 1 },
      { attempt: 1, hour: NIGHT + HOUR, reports: 1 },
      { attempt: 2, hour: NIGHT + HOUR, reports: 1 },
    ])
  })

  test('late and repeated ones, and those of a document that is gone, count no second time', async () => {
    const { said, stored } = counting()
    said({ seq: 5 })
    said({ seq: 5 })
    said({ seq: 4 })
    said({ seq: 1, page: 'page2' })
    said({ seq: 6 }, attemptOf('page2'))
    expect(await stored()).toMatchObject([{ reports: 2 }])
  })

  test('one that arrived and whose answer was lost is not missed', async () => {
    const { said, stored } = counting()
    said({ seq: 4 })
    said({ seq: 7, missed: 2 })
    // The page still believes that 4 was the last one to arrive.
    said({ seq: 9, missed: 4 })
    expect(await stored()).toMatchObject([{ reports: 3, missed: 3 }])
  })

  test('a page that is silent for more than an hour is forgotten', async () => {
    const { said, stored, turn } = counting()
    said({ seq: 7 })
    await stored()
    turn(HOUR)
    await stored()
    said({ seq: 7 })
    expect(await stored()).toMatchObject([{ reports: 1 }])
    turn(HOUR + 1)
    await stored()
    said({ seq: 7 })
    expect(await stored()).toMatchObject([{ reports: 1 }, { hour: NIGHT + 2 * HOUR, reports: 1 }])
  })
})

describe('the store', () => {
  test('gets nothing lost and nothing twice after it failed', async () => {
    const { said, stored, rollUps, breakStore } = counting()
    said({ seq: 1 })
    breakStore(true)
    await expect(rollUps.flush()).rejects.toThrow('the disk is full')
    said({ seq: 2 })
    breakStore(false)
    expect(await stored()).toMatchObject([{ reports: 2 }])
  })

  test('gets nothing lost and nothing twice after it failed among many', async () => {
    const { said, stored, rollUps, turn, breakStore } = counting()
    const hours = 600
    for (let hour = 1; hour <= hours; hour += 1) {
      said({ seq: hour })
      turn(HOUR)
    }
    breakStore(true, 1)
    await expect(rollUps.flush()).rejects.toThrow('the disk is full')
    breakStore(false)
    const found = await stored()
    expect(found).toHaveLength(hours)
    expect(new Set(found.map(({ reports }) => reports))).toEqual(new Set([1]))
  })

  test('is added to once a minute, also after a minute in which it failed, and at the end', async () => {
    vi.useFakeTimers()
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const flushed: number[] = []
    let broken = true
    const rollUps = createStatisticsCollector({
      store: {
        addHourlyStatistics: async ([rollUp]) => {
          if (broken) throw new Error('the disk is full')
          flushed.push(rollUp?.reports ?? 0)
        },
      },
      clock: { now: () => NIGHT, elapsed: () => NIGHT },
      log: createLog('silent'),
    })
    const say = (seq: number): void => rollUps.count('a', attemptOf('page1'), { ...REPORT, seq })
    rollUps.start()
    say(1)
    await vi.advanceTimersByTimeAsync(60_000)
    broken = false
    say(2)
    await vi.advanceTimersByTimeAsync(59_999)
    expect(flushed).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(flushed).toEqual([2])
    say(3)
    await rollUps.stop()
    expect(flushed).toEqual([2, 1])
    say(4)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(flushed).toEqual([2, 1])
  })
})
