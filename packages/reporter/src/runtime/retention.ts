import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Store } from '../store/store.ts'
import type { Clock } from './clock.ts'
import type { Deliveries } from './deliveries/deliveries.ts'

/** Removes old rows in small batches, so that the database does not grow without limit. */
export interface Retention {
  /** Prunes until no old row is left. */
  runOnce(): Promise<void>
  start(): void
  /** Ends after the batch in progress. */
  stop(): Promise<void>
}

const DAY_MS = 86_400_000
/** Agora may repeat a notification during its longest recording, 30 days; plus a week. */
const MIN_NOTIFICATION_DAYS = 37
/** Longer than a delivery is retried, 3 days, and than a person needs to notice that it was given up. */
const MIN_DELIVERY_DAYS = 7
/** For which a delivery that was pending all the time is then kept as failed, so that a person can have it sent again. */
const FAILED_DELIVERIES_MS = DAY_MS
/** Rows in a transaction, during which no report is stored. */
const BATCH_SIZE = 500
const PAUSE_MS = 50
/** The first run comes one interval after the start, when supervision has long resumed. */
const INTERVAL_MS = 600_000

export const createRetention = (options: {
  store: Pick<Store, 'prune'>
  deliveries: Pick<Deliveries, 'expire'>
  clock: Clock
  log: Logger
  /** How many days recordings in a terminal state, timeline entries and hourly statistics are kept. */
  days: number
}): Retention => {
  const { store, deliveries, clock, log, days } = options
  let timer: NodeJS.Timeout | undefined
  let running = true
  let current: Promise<void> = Promise.resolve()

  const runOnce = async (): Promise<void> => {
    const now = clock.now()
    const cutoffs = {
      now,
      before: now - days * DAY_MS,
      deliveriesBefore: now - Math.max(days, MIN_DELIVERY_DAYS) * DAY_MS,
      notificationsBefore: now - Math.max(days, MIN_NOTIFICATION_DAYS) * DAY_MS,
    }
    await deliveries.expire(cutoffs.deliveriesBefore + FAILED_DELIVERIES_MS)
    let removed = 0
    for (let last = -1; last !== 0 && running; removed += last) {
      last = await store.prune(cutoffs, BATCH_SIZE)
      if (last > 0) await sleep(PAUSE_MS)
    }
    if (removed > 0) log.info({ removed, days }, 'removed old rows')
  }

  const runAndLog = async (): Promise<void> => {
    try {
      await runOnce()
    } catch (err) {
      log.error({ err }, 'old rows could not be removed, will retry in 10 minutes')
    }
  }

  return {
    runOnce,
    start: () => {
      timer = setInterval(() => {
        current = current.then(runAndLog)
      }, INTERVAL_MS)
    },
    stop: async () => {
      running = false
      clearInterval(timer)
      await current
    },
  }
}
