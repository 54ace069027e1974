import { mainIdOf } from '../../standbyId.ts'
import type { TimelineEvent } from '../../store/types.ts'
import type { EventsOptions } from './eventFeed.ts'

/** One reader's events, in the order of their ids: none twice, and none left out but where there is a gap. */
export interface EventReader {
  /**
   * Resolves when there is something. The next call says that it has been sent.
   * @returns undefined at the end
   */
  next(): Promise<Batch | undefined>
  close(): void
}

/** What is to be sent next. */
export type Batch =
  | { type: 'events'; events: readonly TimelineEvent[] }
  /** Nothing new. The reader can go on after this id. */
  | { type: 'heartbeat'; id: number }
  /** Entries before the one after this id may be missing. */
  | { type: 'gap'; id: number }

export interface ReaderTimes {
  /** Without an event, a heartbeat is sent after so long. */
  heartbeatMs: number
  /** After so long without taking anything a reader is cut. */
  slowMs: number
  /** The reader ends after so long, give or take the part that `jitter` is of it, and may come back. */
  lifetimeMs: number
  jitter: number
}

/** What the feed does with a reader. */
export interface RunningReader extends EventReader {
  /** New events, after all that were offered before. */
  offer(events: readonly TimelineEvent[]): void
  checkTimes(now: number): void
}

export interface ReaderOptions extends Omit<EventsOptions, 'from'> {
  from: number
  hasGap: boolean
  source: {
    read: (request: { after: number; recordingId: string | undefined }) => Promise<TimelineEvent[]>
    /** The last entry that was offered to those that are up to date. */
    position: () => number
    pageSize: number
  }
  times: ReaderTimes
  openedAt: number
  random: number
  elapsed: () => number
  onClose: () => void
}

/** Events that wait until a reader takes them. With more, they are forgotten, and it reads them from the table. */
export const MAX_QUEUED = 500
/** Events that are handed over together. A connection that is full holds them as text. */
const MAX_BATCH = 50

export const createReader = (options: ReaderOptions): RunningReader => {
  const { recordingId, matches, onSlow, source, times, openedAt, elapsed, onClose } = options
  const endsAt = openedAt + times.lifetimeMs * (1 + times.jitter * (2 * options.random - 1))
  /** Everything up to this id was taken, or does not match. */
  let taken = options.from
  /** The same, with what is in the queue. */
  let seen = options.from
  let queue: TimelineEvent[] = []
  let { hasGap } = options
  let isUpToDate = false
  let isClosed = false
  let isHeartbeatDue = false
  /** When something was handed over, while it has not been sent; null while the reader waits for more. */
  let handedOverAt: number | null = openedAt
  let sentAt = openedAt
  let wake = (): void => {}

  const isOf = ({ recording: { id } }: TimelineEvent): boolean =>
    recordingId === undefined || (mainIdOf(id) ?? id) === recordingId

  const close = (): void => {
    if (isClosed) return
    isClosed = true
    queue = []
    onClose()
    wake()
  }

  const accept = (events: readonly TimelineEvent[], upTo: number): void => {
    queue.push(...events.filter((event) => event.id > seen && isOf(event) && matches(event)))
    seen = Math.max(seen, upTo)
    if (queue.length === 0) taken = seen
  }

  /** The table has all entries that were offered to the others before this read. */
  const catchUp = async (): Promise<void> => {
    const offered = source.position()
    const events = await source.read({ after: taken, recordingId })
    const last = events.at(-1)?.id ?? taken
    const isLastPage = events.length < source.pageSize
    accept(events, isLastPage ? Math.max(last, offered) : last)
    isUpToDate = isLastPage && source.position() <= seen
  }

  const nextBatch = async (): Promise<Batch | undefined> => {
    for (;;) {
      if (isClosed) return undefined
      if (hasGap) {
        hasGap = false
        return { type: 'gap', id: taken }
      }
      if (queue.length > 0) {
        const events = queue.splice(0, MAX_BATCH)
        taken = queue.length > 0 ? (events.at(-1)?.id ?? taken) : seen
        return { type: 'events', events }
      }
      if (isHeartbeatDue) return { type: 'heartbeat', id: taken }
      if (isUpToDate) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      } else await catchUp()
    }
  }

  return {
    next: async () => {
      handedOverAt = null
      const batch = await nextBatch()
      isHeartbeatDue = false
      sentAt = elapsed()
      handedOverAt = sentAt
      return batch
    },
    close,
    offer: (events) => {
      if (!isUpToDate || isClosed) return
      accept(events, events.at(-1)?.id ?? seen)
      if (queue.length > MAX_QUEUED) {
        queue = []
        seen = taken
        isUpToDate = false
      }
      if (queue.length > 0) wake()
    },
    checkTimes: (now) => {
      if (now >= endsAt) close()
      else if (handedOverAt !== null && now - handedOverAt >= times.slowMs) {
        close()
        onSlow()
      } else if (now - sentAt >= times.heartbeatMs) {
        isHeartbeatDue = true
        wake()
      }
    },
  }
}
