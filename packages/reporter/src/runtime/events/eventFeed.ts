import type { Logger } from 'pino'
import type { Store } from '../../store/store.ts'
import type { TimelineEvent } from '../../store/types.ts'
import type { Changes } from '../changes.ts'
import { type After, after as afterByDefault, type Clock, type Every, every } from '../clock.ts'
import { createSerial } from '../serial.ts'
import { createReader, type EventReader, type ReaderTimes, type RunningReader } from './eventReader.ts'

/**
 * Passes the timelines of all recordings on to any number of readers. The table is read once for all of them, at most four
 * times a second. Only a reader that is behind reads it by itself, when it takes the next events.
 */
export interface EventFeed {
  /** @throws {TooManyReadersError} */
  open(options: EventsOptions): Promise<EventReader>
  /** Ends all readers now, and from now on each as soon as it begins. */
  end(): void
}

export interface EventsOptions {
  /** Begins with what comes after the entry with this id; with `now`, with what comes from now on. */
  from: number | 'now'
  /** Only events of this recording and its standby. */
  recordingId?: string | undefined
  matches: (event: TimelineEvent) => boolean
  /** Called if the reader takes nothing for a while. */
  onSlow: () => void
}

/** As many read as are allowed to. */
export class TooManyReadersError extends Error {}

/** A reader takes a connection, and up to `MAX_QUEUED` references to events that all readers share. */
export const MAX_READERS = 250
/** Between two reads of the table. */
const INTERVAL_MS = 250
/** Between two reads without a hint that anything has changed: another process may have written. */
const POLL_MS = 5000
/** Between two reads for readers that are behind. */
const CATCH_UP_PAUSE_MS = 5
/** Entries of one read: 4 ms, and up to 16 on a busy machine. */
export const PAGE_SIZE = 200

const TIMES: ReaderTimes = { heartbeatMs: 15_000, slowMs: 30_000, lifetimeMs: 3_600_000, jitter: 0.1 }
/** How often the times of readers are checked. */
const TICK_MS = 1000

export interface EventFeedOptions {
  store: Pick<Store, 'readTimelineEvents' | 'timelineRange'>
  changes: Pick<Changes, 'followAll'>
  clock: Pick<Clock, 'elapsed'>
  log: Pick<Logger, 'error'>
  /** Uniform in [0, 1). */
  random?: () => number
  times?: Partial<ReaderTimes>
  limit?: number
  after?: After
  repeat?: Every
}

export const createEventFeed = (options: EventFeedOptions): EventFeed => {
  const { store, changes, clock, log, after = afterByDefault, repeat = every } = options
  const { random = Math.random, limit = MAX_READERS } = options
  const times = { ...TIMES, ...options.times }
  const readers = new Set<RunningReader>()
  const inTurn = createSerial()
  /** All readers that are up to date have been offered the entries up to this one. */
  let position = 0
  let opening = 0
  let lastReadAt = Number.NEGATIVE_INFINITY
  let isScheduled = false
  let isReading = false
  let isStale = false
  let ended = false
  let stopTimers = (): void => {}

  const readOnce = async (): Promise<void> => {
    for (let isFull = true; isFull && readers.size > 0; ) {
      const events = await store.readTimelineEvents({ after: position, limit: PAGE_SIZE })
      position = Math.max(position, events.at(-1)?.id ?? 0)
      for (const reader of readers) reader.offer(events)
      isFull = events.length === PAGE_SIZE
    }
  }

  const readAll = async (): Promise<void> => {
    isScheduled = false
    isReading = true
    lastReadAt = clock.elapsed()
    try {
      await readOnce()
    } catch (err) {
      log.error({ err }, 'events could not be read, will retry')
    }
    isReading = false
    if (isStale) schedule()
  }

  const schedule = (): void => {
    isStale = isReading
    if (isScheduled || isReading || readers.size === 0) return
    isScheduled = true
    after(Math.max(0, lastReadAt + INTERVAL_MS - clock.elapsed()), () => void readAll())
  }

  const tick = (): void => {
    for (const reader of readers) reader.checkTimes(clock.elapsed())
  }

  const begin = (): void => {
    const stops = [changes.followAll(schedule), repeat(POLL_MS, schedule), repeat(TICK_MS, tick)]
    stopTimers = () => {
      for (const stop of stops) stop()
    }
  }

  const remove = (reader: RunningReader): void => {
    readers.delete(reader)
    if (readers.size === 0) stopTimers()
  }

  /** One at a time, and with pauses, so that a hundred readers that come back together do not hold up reports. */
  const catchUp = (request: { after: number; recordingId: string | undefined }): Promise<TimelineEvent[]> =>
    inTurn('', async () => {
      await new Promise<void>((resolve) => after(CATCH_UP_PAUSE_MS, resolve))
      return store.readTimelineEvents({ ...request, limit: PAGE_SIZE })
    })

  return {
    open: async ({ from, ...filter }) => {
      if (readers.size + opening >= limit) throw new TooManyReadersError()
      opening += 1
      const range = await store.timelineRange().finally(() => {
        opening -= 1
      })
      const reader: RunningReader = createReader({
        ...filter,
        ...placeOf(from, range),
        source: { read: catchUp, position: () => position, pageSize: PAGE_SIZE },
        times,
        openedAt: clock.elapsed(),
        random: random(),
        elapsed: clock.elapsed,
        onClose: () => remove(reader),
      })
      if (ended) {
        reader.close()
        return reader
      }
      if (readers.size === 0) {
        position = Math.max(position, range?.newest ?? 0)
        begin()
      }
      readers.add(reader)
      return reader
    },
    end: () => {
      ended = true
      for (const reader of readers) reader.close()
    },
  }
}

/**
 * Where a reader begins, and whether entries before that may be missing: they were removed (`RETENTION_DAYS`), or the
 * database is an older one than that which the id is from.
 */
const placeOf = (
  from: EventsOptions['from'],
  range: { oldest: number; newest: number } | undefined,
): { from: number; hasGap: boolean } => {
  if (from === 'now') return { from: range?.newest ?? 0, hasGap: false }
  if (from === 0) return { from, hasGap: false }
  if (!range) return { from: 0, hasGap: true }
  if (from > range.newest) return { from: range.newest, hasGap: true }
  return from < range.oldest - 1 ? { from: range.oldest - 1, hasGap: true } : { from, hasGap: false }
}
