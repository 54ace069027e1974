import { setImmediate as nextEventLoopTurn } from 'node:timers/promises'
import type { Report } from '@stillrolling/probe/types'
import type { Logger } from 'pino'
import { mergeHourlyStatistics } from '../store/hourlyStatistics.ts'
import type { Store } from '../store/store.ts'
import type { HourlyStatistics } from '../store/types.ts'
import type { Attempt, Time } from '../supervisor/recording.ts'
import type { Clock } from './clock.ts'

/**
 * Adds up the pages' reports by the hour, so that a person can see later how a recording went. It counts in memory and
 * adds to the store once a minute: a report costs no transaction, and a crash loses a minute of figures that no decision
 * depends on.
 */
export interface StatisticsCollector {
  /**
   * Counts an accepted report. Late and repeated reports change nothing.
   * @param attempt as it is after the report
   */
  count(recordingId: string, attempt: Attempt, report: Report): void
  /**
   * Adds the counted figures to the store.
   * @throws if the store fails; the figures are kept for the next flush
   */
  flush(): Promise<void>
  start(): void
  /** Ends with a last flush. */
  stop(): Promise<void>
}

const HOUR_MS = 3_600_000
const FLUSH_MS = 60_000
/** Rows in one write. Between two writes, reports and deadlines are handled. */
const BATCH_SIZE = 250
/** Pages are not trusted. A page reports once a second at most, so it cannot miss more than this in a day. */
const MAX_MISSED = 86_400
/** Script errors, or files that could not be loaded, of one document. */
const MAX_FAILURES = 1_000_000
/** A day. */
const MAX_LATE_MS = 86_400_000

/** The last counted report of an attempt. */
interface LastCounted {
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
  const pending = createPending()
  /** By attempt. Entries of pages that have been silent for an hour are removed. */
  const lastCounted = new Map<string, LastCounted>()
  let timer: NodeJS.Timeout | undefined
  let flushing: Promise<void> = Promise.resolve()

  const removeSilent = (now: Time): void => {
    for (const [key, { at }] of lastCounted) if (now - at > HOUR_MS) lastCounted.delete(key)
  }

  const flush = async (): Promise<void> => {
    removeSilent(clock.now())
    const rows = pending.takeAll()
    while (rows.length > 0) {
      const batch = rows.splice(0, BATCH_SIZE)
      try {
        await store.addHourlyStatistics(batch)
      } catch (error) {
        for (const row of [...batch, ...rows]) pending.add(row)
        throw error
      }
      await nextEventLoopTurn()
    }
  }

  /** Flushes do not overlap, however slow they are. */
  const flushNext = (): Promise<void> => {
    flushing = flushing.then(flush).catch((err: unknown) => {
      log.error({ err }, 'hourly statistics could not be stored, will retry in a minute')
    })
    return flushing
  }

  return {
    count: (recordingId, attempt, report) => {
      if (attempt.page?.id !== report.page) return
      const key = `${recordingId}/${attempt.number}`
      const last = lastCounted.get(key)
      const previousSeq = last?.page === report.page ? last.seq : 0
      if (report.seq <= previousSeq) return
      const at = clock.now()
      lastCounted.set(key, { page: report.page, seq: report.seq, at })
      const hour = at - (at % HOUR_MS)
      const figures = figuresOf(report, { loaded: attempt.page.loaded, previousSeq })
      pending.add({ recordingId, attempt: attempt.number, hour, ...figures })
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

interface Pending {
  add(row: HourlyStatistics): void
  /** Removes and returns all rows, one for each attempt and hour. */
  takeAll(): HourlyStatistics[]
}

const createPending = (): Pending => {
  let rows = new Map<string, HourlyStatistics>()
  return {
    add: (row) => {
      const key = `${row.recordingId}/${row.attempt}/${row.hour}`
      const before = rows.get(key)
      rows.set(key, before ? mergeHourlyStatistics(before, row) : row)
    },
    takeAll: () => {
      const all = [...rows.values()]
      rows = new Map()
      return all
    },
  }
}

/**
 * The figures of one report.
 * @param context `previousSeq` is the sequence number of the page's last counted report; 0 if there is none
 */
const figuresOf = (
  report: Report,
  { loaded, previousSeq }: { loaded: boolean; previousSeq: number },
): Omit<HourlyStatistics, 'recordingId' | 'attempt' | 'hour'> => {
  const failing = [...report.checks, ...report.media].some(({ ok }) => !ok)
  // A page also counts a report as missed if only the answer was lost.
  const missed = Math.min(report.missed, report.seq - previousSeq - 1)
  return {
    reports: 1,
    unhealthy: Number(loaded && failing),
    missed: clampInteger(missed, MAX_MISSED),
    errors: clampInteger(report.errors, MAX_FAILURES),
    failed: clampInteger(report.failed, MAX_FAILURES),
    lateMax: clampInteger(report.late, MAX_LATE_MS),
    // Only heartbeats: reports of other types may be sent between two frames.
    blank: Number(report.type === 'heartbeat' && report.visible && report.frames === 0),
  }
}

/** Rounds, and limits to 0…`max`. */
const clampInteger = (value: number, max: number): number => Math.min(Math.max(Math.round(value), 0), max)
