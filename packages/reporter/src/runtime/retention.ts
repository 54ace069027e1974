import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Store } from '../store/store.ts'
import type { Clock } from './clock.ts'

/** Removes what is older than the configuration keeps, in small batches, so that the database does not grow for ever. */
export interface Retention {
  /** One round: until nothing old is left. */
  runOnce(): Promise<void>
  start(): void
  /** Ends after the batch that is under way. */
  stop(): Promise<void>
}

const DAY_MS = 86_400_000
/** Agora's longest recording, and a week: as long as that a notification may come again. */
const NOTIFICATIONS_DAYS = 37
/** Rows of a table in one transaction: a few milliseconds, in which no report is kept. */
const BATCH = 200
/** Between two batches, in milliseconds. */
const PAUSE_MS = 50
/** Between two rounds, in milliseconds; the first comes as long after the start, when the recordings are watched again. */
const ROUND_MS = 600_000

export const createRetention = (options: {
  store: Pick<Store, 'prune'>
  clock: Clock
  log: Logger
  /** How long ended recordings and their timelines are kept. */
  days: number
}): Retention => {
  const { store, clock, log, days } = options
  let timer: NodeJS.Timeout | undefined
  let running = true
  let round: Promise<void> = Promise.resolve()

  const once = async (): Promise<void> => {
    const now = clock.now()
    const ages = {
      before: now - days * DAY_MS,
      notificationsBefore: now - Math.max(days, NOTIFICATIONS_DAYS) * DAY_MS,
    }
    let removed = 0
    for (let last = -1; last !== 0 && running; removed += last) {
      last = await store.prune(ages, BATCH)
      if (last > 0) await sleep(PAUSE_MS)
    }
    if (removed > 0) log.info({ removed, days }, 'old rows were removed')
  }

  const guarded = async (): Promise<void> => {
    try {
      await once()
    } catch (err) {
      log.error({ err }, 'old rows could not be removed: again in 10 minutes')
    }
  }

  return {
    runOnce: once,
    start: () => {
      timer = setInterval(() => {
        round = round.then(guarded)
      }, ROUND_MS)
    },
    stop: async () => {
      running = false
      clearInterval(timer)
      await round
    },
  }
}
