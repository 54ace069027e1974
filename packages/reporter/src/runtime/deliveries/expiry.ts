import type { Logger } from 'pino'
import type { Destination } from '../../destinations.ts'
import type { Store } from '../../store/store.ts'
import type { Time } from '../../supervisor/recording.ts'
import type { Clock } from '../clock.ts'
import { announceExhausted } from './failingDestination.ts'
import type { Outbox } from './outbox.ts'

/** Ends the deliveries that have waited for too long, so that a destination that is gone does not fill the database. */
export type Expire = (queuedBefore: Time) => Promise<void>

const DAY_MS = 86_400_000
/** Rows in a transaction, during which no report is stored. */
const BATCH_SIZE = 200

export const createExpiry = (options: {
  store: Pick<Store, 'transaction'>
  clock: Pick<Clock, 'now'>
  log: Logger
  destinations: readonly Destination[]
  outbox: Pick<Outbox, 'write'>
}): Expire => {
  const { store, clock, log, destinations, outbox } = options

  const expireSome = (queuedBefore: Time) =>
    store.transaction(async (operations) => {
      const now = clock.now()
      const why = `It could not be sent for ${Math.round((now - queuedBefore) / DAY_MS)} days`
      const lastTry = { at: now, durationMs: 0, status: null, answer: null, error: why }
      const expired = await operations.expireDeliveries({ queuedBefore, limit: BATCH_SIZE, lastTry })
      for (const { name } of destinations) {
        for (const delivery of expired.filter(({ destination }) => destination === name)) {
          await announceExhausted(operations, delivery, { why, name, outbox, now })
        }
      }
      return { expired, why }
    })

  return async (queuedBefore) => {
    const counts = new Map<string, number>()
    let last = await expireSome(queuedBefore)
    for (; last.expired.length > 0; last = await expireSome(queuedBefore)) {
      for (const { destination } of last.expired) counts.set(destination, (counts.get(destination) ?? 0) + 1)
    }
    for (const [destination, count] of counts) {
      const fields = { destination, count, why: last.why }
      log.error(fields, `${count} deliveries to ${destination} are given up: ${last.why}`)
    }
  }
}
