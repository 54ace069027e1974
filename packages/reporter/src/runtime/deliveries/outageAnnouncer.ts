import type { Logger } from 'pino'
import { iso } from '../../isoTime.ts'
import { NO_RECORDING } from '../../store/deliveryOperations.ts'
import type { Store } from '../../store/store.ts'
import type { Clock } from '../clock.ts'
import type { IngressWatch } from '../ingressWatch.ts'
import type { Outbox } from './outbox.ts'

/** Announces that an ingress outage has begun, or is over. */
export interface OutageAnnouncer {
  /** To be called about once a second. */
  check(): Promise<void>
}

/** In the place of a destination. */
export const REPORTER = ''

/** What was announced is stored as a cause of the reporter itself, so that a restart neither repeats nor forgets it. */
const ANNOUNCED = { destination: REPORTER, cause: 'ingress_outage', recordingId: NO_RECORDING }

/** A reporter that has just started does not know yet whether the outage of its predecessor lasts. */
const SETTLE_MS = 120_000

export const createOutageAnnouncer = (options: {
  store: Store
  clock: Clock
  log: Logger
  outbox: Outbox
  ingress: Pick<IngressWatch, 'outageSince'>
  /** Why reports may not arrive; undefined if nothing is known. */
  cause: () => string | undefined
}): OutageAnnouncer => {
  const { store, clock, log, outbox, ingress, cause } = options
  const startedAt = clock.elapsed()
  let announced: boolean | undefined

  const begin = (since: number): Promise<unknown> => {
    const why = cause()
    const message = `Most pages are silent together, so silence restarts nothing until enough of them report again${why === undefined ? '' : `. ${why}`}`
    const reason = { code: 'ingress_outage', message, evidence: { since: iso(since) } }
    return store.transaction(async (operations) => {
      const now = clock.now()
      if (await operations.holdCause(ANNOUNCED)) {
        await outbox.write(operations, { type: 'supervisor.paused', reason }, { now })
      }
    })
  }

  const end = (): Promise<unknown> =>
    store.transaction(async (operations) => {
      const now = clock.now()
      if (!(await operations.releaseCause(ANNOUNCED))) return
      const reason = {
        code: 'ingress_outage',
        message: 'Enough pages report again. Silence counts as before',
        evidence: {},
      }
      await outbox.write(operations, { type: 'supervisor.resumed', reason }, { now })
    })

  return {
    check: async () => {
      const since = ingress.outageSince()
      const isOutage = since !== null
      if (isOutage === announced) return
      if (announced === undefined && !isOutage && clock.elapsed() - startedAt < SETTLE_MS) return
      try {
        await (since === null ? end() : begin(since))
        announced = isOutage
      } catch (err) {
        log.error({ err }, 'an ingress outage could not be announced, will retry')
      }
    },
  }
}
