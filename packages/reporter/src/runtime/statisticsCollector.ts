import { setImmediate as turn } from 'node:timers/promises'
import type { Report } from '@stillrolling/probe/types'
import type { Logger } from 'pino'
import { mergeHourlyStatistics } from '../store/hourlyStatistics.ts'
import type { Store } from '../store/store.ts'
import type { HourlyStatistics } from '../store/types.ts'
import type { Attempt, Time } from '../supervisor/recording.ts'
import type { Clock } from './clock.ts'

/**
 * What the pages say, counted by the hour, so that a person sees the next day how the night went. Counted in memory
 * and added to the store once a minute: a report costs no transaction by it, and a crash loses a minute of figures
 * that nothing is decided on.
 */
export interface StatisticsCollector {
  /**
   * Counts a report that was kept, once: late and repeated ones change nothing.
   * @param attempt as it is after the report
   */
  count(recordingId: string, attempt: Attempt, report: Report): void
  /** Adds what was counted to the store; what cannot be added now is kept for the next time. */
  flush(): Promise<void>
  start(): void
  /** Ends with a last flush. */
  stop(): Promise<void>
}

/** In milliseconds. */
const HOUR_MS = 3_600_000
/** Between two flushes, in milliseconds. */
const FLUSH_MS = 60_000
/** Roll-ups written at once: in between, pages and deadlines have their turn. */
const BATCH = 250
/** Pages are not believed. A page speaks once a second at most, so it misses no more than this in a day. */
const MOST_MISSED = 86_400
/** Errors, or files that could not be loaded, of one document. */
const MOST_COUNTED = 1_000_000
/** A day, in milliseconds. */
const MOST_LATE_MS = 86_400_000

/** The last report that was counted of an attempt. */
interface Counted {
  page: string
  seq: number
  at: Time
}

export const createStatisticsCollector = (options: {
  store: Pick<Store, 'addHourlyStatistics'>
  clock: Clock
  log: Logger
}): StatisticsCollector => {
  const { store, clock, log } = options
  /** By attempt and hour; one of each. */
  let waiting = new Map<string, HourlyStatistics>()
  /** By attempt; those that are silent for an hour are forgotten. */
  const counted = new Map<string, Counted>()
  let timer: NodeJS.Timeout | undefined
  let flushing: Promise<void> = Promise.resolve()

  const add = (rollUp: HourlyStatistics): void => {
    const key = `${rollUp.recordingId}/${rollUp.attempt}/${rollUp.hour}`
    const before = waiting.get(key)
    waiting.set(key, before ? mergeHourlyStatistics(before, rollUp) : rollUp)
  }

  const forget = (now: Time): void => {
    for (const [key, { at }] of counted) if (now - at > HOUR_MS) counted.delete(key)
  }

  const flush = async (): Promise<void> => {
    forget(clock.now())
    const rollUps = [...waiting.values()]
    if (rollUps.length === 0) return
    waiting = new Map()
    while (rollUps.length > 0) {
      const batch = rollUps.splice(0, BATCH)
      try {
        await store.addHourlyStatistics(batch)
      } catch (error) {
        for (const rollUp of [...batch, ...rollUps]) add(rollUp)
        throw error
      }
      await turn()
    }
  }

  const guarded = async (): Promise<void> => {
    try {
      await flush()
    } catch (err) {
      log.error({ err }, 'what the pages said could not be added to the roll-ups: again in a minute')
    }
  }

  /** One after the other: a flush that is slow is not overtaken by the next. */
  const flushNext = (): Promise<void> => {
    flushing = flushing.then(guarded)
    return flushing
  }

  return {
    count: (recordingId, attempt, report) => {
      if (attempt.page?.id !== report.page) return
      const key = `${recordingId}/${attempt.number}`
      const last = counted.get(key)
      const seq = last?.page === report.page ? last.seq : 0
      if (report.seq <= seq) return
      const at = clock.now()
      counted.set(key, { page: report.page, seq: report.seq, at })
      const hour = at - (at % HOUR_MS)
      const loaded = attempt.page.loaded
      add({ recordingId, attempt: attempt.number, hour, ...figuresOf(report, { loaded, after: seq }) })
    },
    flush,
    start: () => {
      timer = setInterval(flushNext, FLUSH_MS)
    },
    stop: async () => {
      clearInterval(timer)
      await flushNext()
    },
  }
}

/**
 * What one report adds.
 * @param known whether its page has loaded, and the number of the page's report that was counted before; 0: none was
 */
const figuresOf = (
  report: Report,
  known: { loaded: boolean; after: number },
): Omit<HourlyStatistics, 'recordingId' | 'attempt' | 'hour'> => {
  const failing = [...report.checks, ...report.media].some(({ ok }) => !ok)
  // Of a report whose answer was lost the page thinks that it has not arrived.
  const unheard = Math.min(report.missed, report.seq - known.after - 1)
  return {
    reports: 1,
    unhealthy: Number(known.loaded && failing),
    missed: bounded(unheard, MOST_MISSED),
    errors: bounded(report.errors, MOST_COUNTED),
    failed: bounded(report.failed, MOST_COUNTED),
    lateMax: bounded(report.late, MOST_LATE_MS),
    // The others may be made between two frames.
    blank: Number(report.type === 'heartbeat' && report.visible && report.frames === 0),
  }
}

/** A whole number from 0 to `most`. */
const bounded = (value: number, most: number): number => Math.min(Math.max(Math.round(value), 0), most)
