import type { ClaimedDelivery, StoredDestination } from '../../store/deliveryOperations.ts'
import type { StoreOperations } from '../../store/store.ts'
import type { Time } from '../../supervisor/recording.ts'
import type { Outbox } from './outbox.ts'

export interface FailingDestination {
  name: string
  outbox: Pick<Outbox, 'write'>
  now: Time
}

export type GivenUp = Pick<ClaimedDelivery, 'id' | 'type' | 'redelivered'>

/**
 * A delivery is given up: the other destinations are sent it once, until this one accepts a delivery again. Not one that a
 * person had sent again: that person sees the result.
 */
export const announceExhausted = async (
  operations: StoreOperations,
  { id, type, redelivered }: GivenUp,
  { why, name, outbox, now }: FailingDestination & { why: string },
): Promise<void> => {
  const stored = await readDestination(operations, name)
  if (stored.failingSince !== null || redelivered || isAboutDeliveries(type)) return
  await operations.saveDestination({ ...stored, failingSince: now })
  const message = `A delivery to ${name} is given up: ${why}. It can be sent again: POST /v1/deliveries/redeliver`
  const reason = { code: 'delivery_exhausted', message, evidence: {} }
  await outbox.write(
    operations,
    { type: 'delivery.exhausted', reason, destination: { name }, delivery: { id, type } },
    { now, to: (other) => other !== name },
  )
}

/** A destination accepts a delivery. */
export const announceRecovered = async (
  operations: StoreOperations,
  { name, outbox, now }: FailingDestination,
): Promise<void> => {
  const stored = await readDestination(operations, name)
  if (stored.failingSince === null) return
  await operations.saveDestination({ ...stored, failingSince: null })
  await outbox.write(
    operations,
    { type: 'delivery.recovered', destination: { name } },
    { now, to: (other) => other !== name },
  )
}

/** That one of them is given up is not announced, or it would never end. */
const isAboutDeliveries = (type: string): boolean => type.startsWith('delivery.')

const readDestination = async (operations: StoreOperations, name: string): Promise<StoredDestination> =>
  (await operations.readDestinations()).find((each) => each.name === name) ?? {
    ...{ name, pausedAt: null, failingSince: null },
  }
