import type { Logger } from 'pino'
import type { DeliveriesConfig } from '../../destinations.ts'
import type { Store } from '../../store/store.ts'
import type { Clock } from '../clock.ts'
import type { IngressWatch } from '../ingressWatch.ts'
import { createDeliveryHealth, type DeliveryHealth } from './deliveryHealth.ts'
import { createDeliveryWorker, type DeliveryWorker } from './deliveryWorker.ts'
import { createExpiry, type Expire } from './expiry.ts'
import { createOutageAnnouncer } from './outageAnnouncer.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { createSend, type Send } from './send.ts'

/** Everything that is sent to the business server: written by the outbox, sent by the worker. */
export interface Deliveries {
  outbox: Outbox
  worker: DeliveryWorker
  health: DeliveryHealth
  /** To be called now and then. */
  expire: Expire
  /** To be called after each decision. */
  decided(): void
}

export const createDeliveries = (options: {
  store: Store
  clock: Clock
  log: Logger
  config: DeliveriesConfig
  publicUrl: string
  ingress: Pick<IngressWatch, 'outageSince'>
  /** Why reports may not arrive; undefined if nothing is known. */
  ingressCause: () => string | undefined
  send?: Send | undefined
}): Deliveries => {
  const { store, clock, log, ingress, ingressCause: cause } = options
  const { destinations, allowPrivate } = options.config
  const outbox = createOutbox({ destinations, log })
  const announcer = createOutageAnnouncer({ store, clock, log, outbox, ingress, cause })
  const send = options.send ?? createSend({ allowPrivate })
  const installation = nameOf(options.publicUrl)
  const worker = createDeliveryWorker({
    ...{ store, clock, log, destinations, installation, outbox, announcer, send },
  })
  return {
    outbox,
    worker,
    health: createDeliveryHealth({ store, clock, destinations }),
    expire: createExpiry({ store, clock, log, destinations, outbox }),
    decided: () => {
      if (outbox.takeWritten()) worker.poke()
    },
  }
}

/** The public address without what all of them have. */
const nameOf = (publicUrl: string): string => {
  const { host, pathname } = new URL(publicUrl)
  return `${host}${pathname}`.replace(/\/$/, '')
}
