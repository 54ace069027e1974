import { withSequence } from '../store/deliveries.ts'
import type { DeliveryOperations, StoredDelivery } from '../store/deliveryOperations.ts'
import type { DeliveryQueueRow, Tables } from './memoryTables.ts'
import { put, remove, type UndoLog } from './undoLog.ts'

const queueKey = ({ destination, recordingId }: { destination: string; recordingId: string }): string =>
  `${destination} ${recordingId}`

export const deliveryOperations = (tables: Tables, undo: UndoLog): DeliveryOperations => ({
  ...queueOperations(tables, undo),
  ...listOperations(tables, undo),
  ...destinationOperations(tables, undo),
})

type QueueOperation =
  | 'addDeliveries'
  | 'claimDeliveries'
  | 'settleDelivery'
  | 'expireDeliveries'
  | 'releaseDeliveryClaims'
  | 'hastenDeliveries'

const queueOperations = (
  { deliveries, deliveryQueues, ...tables }: Tables,
  undo: UndoLog,
): Pick<DeliveryOperations, QueueOperation> => {
  const change = (queue: DeliveryQueueRow, changes: Partial<DeliveryQueueRow>): void =>
    put(deliveryQueues, queueKey(queue), { ...queue, ...changes }, undo)
  const headOf = (queue: DeliveryQueueRow): StoredDelivery | undefined =>
    [...deliveries.values()]
      .filter((row) => row.state === 'pending' && queueKey(row) === queueKey(queue))
      .sort((one, other) => one.sequence - other.sequence)[0]
  return {
    addDeliveries: async (recordingId, added, now) => {
      for (const { id, destination, type, body } of added) {
        const empty = { destination, recordingId, lastSequence: 0, dueAt: null, retrying: false }
        const queue = deliveryQueues.get(queueKey({ destination, recordingId })) ?? {
          ...empty,
          claimedUntil: 0,
        }
        const sequence = queue.lastSequence + 1
        change(queue, { lastSequence: sequence, dueAt: queue.dueAt ?? now })
        const delivery: StoredDelivery = {
          position: ++tables.lastId,
          ...{ id, destination, recordingId, sequence, type, state: 'pending' },
          body: withSequence(body, sequence),
          ...{ createdAt: now, queuedAt: now, redelivered: false, tries: 0 },
          ...{ firstTriedAt: null, endedAt: null, lastTry: null },
        }
        put(deliveries, id, delivery, undo)
      }
    },
    claimDeliveries: async (
      now,
      { destination, retrying, newestFirst = false, evenIfNotDue = false, limit, leaseMs },
    ) => {
      const due = [...deliveryQueues.values()]
        .filter((queue) => queue.destination === destination && queue.retrying === retrying)
        .filter(
          ({ dueAt, claimedUntil }) =>
            dueAt !== null && (evenIfNotDue || dueAt <= now) && claimedUntil <= now,
        )
        .sort((one, other) => Number(one.dueAt) - Number(other.dueAt))
      const claimed = (newestFirst ? due.toReversed() : due).slice(0, limit)
      const claimedUntil = now + leaseMs
      return claimed.flatMap((queue) => {
        const head = headOf(queue)
        change(queue, head ? { claimedUntil } : { dueAt: null, retrying: false })
        return head ? [{ ...head, claimedUntil }] : []
      })
    },
    settleDelivery: async (claim, result, now) => {
      const queue = deliveryQueues.get(queueKey(claim))
      if (queue?.claimedUntil !== claim.claimedUntil) return false
      const isOver = result.state !== 'pending'
      const row = deliveries.get(claim.id)
      if (row) {
        const { state, lastTry } = result
        const firstTriedAt = row.firstTriedAt ?? lastTry.at
        const endedAt = isOver ? now : null
        put(deliveries, row.id, { ...row, state, lastTry, tries: row.tries + 1, firstTriedAt, endedAt }, undo)
      }
      const head = headOf(queue)
      const isOther = head !== undefined && head.id !== claim.id
      const retryAt = isOver ? null : result.retryAt
      change(queue, { dueAt: isOther ? now : retryAt, retrying: !isOver, claimedUntil: 0 })
      return true
    },
    expireDeliveries: async ({ queuedBefore, limit, lastTry }) => {
      const expired = [...deliveries.values()]
        .filter(({ state, queuedAt }) => state === 'pending' && queuedAt < queuedBefore)
        .slice(0, limit)
      for (const row of expired) {
        put(deliveries, row.id, { ...row, state: 'failed', endedAt: lastTry.at, lastTry }, undo)
      }
      return expired.map(({ id, destination, type, redelivered }) => ({ id, destination, type, redelivered }))
    },
    releaseDeliveryClaims: async () => {
      for (const queue of deliveryQueues.values()) change(queue, { claimedUntil: 0 })
    },
    hastenDeliveries: async (destination, now, recordingId) => {
      for (const queue of deliveryQueues.values()) {
        const isMeant = recordingId === undefined || queue.recordingId === recordingId
        if (isMeant && queue.destination === destination && (queue.dueAt ?? 0) > now) {
          change(queue, { dueAt: now })
        }
      }
    },
  }
}

type Written = Pick<StoredDelivery, 'createdAt' | 'position'>
const compareWritten = (one: Written, other: Written): number =>
  one.createdAt - other.createdAt || one.position - other.position

type ListOperation =
  | 'listDeliveries'
  | 'loadDelivery'
  | 'requeueDeliveries'
  | 'failedDeliveries'
  | 'oldestQueuedAt'
  | 'readBacklog'

const listOperations = (
  { deliveries, deliveryQueues }: Tables,
  undo: UndoLog,
): Pick<DeliveryOperations, ListOperation> => ({
  listDeliveries: async ({ since, before, limit, ...fields }) =>
    [...deliveries.values()]
      .filter((row) =>
        Object.entries(fields).every(
          ([name, value]) => value === undefined || row[name as keyof typeof fields] === value,
        ),
      )
      .filter((row) => (since === undefined || row.createdAt >= since) && row.position < (before ?? Infinity))
      .sort((one, other) => other.position - one.position)
      .slice(0, limit),
  loadDelivery: async (id) => deliveries.get(id),
  requeueDeliveries: async (ids, now) => {
    const rows = ids.flatMap((id) => deliveries.get(id) ?? []).filter(({ state }) => state !== 'pending')
    for (const row of rows) {
      const requeued = { state: 'pending', queuedAt: now, redelivered: true } as const
      put(deliveries, row.id, { ...row, ...requeued, tries: 0, firstTriedAt: null, endedAt: null }, undo)
      const queue = deliveryQueues.get(queueKey(row))
      if (queue) put(deliveryQueues, queueKey(row), { ...queue, dueAt: now, retrying: true }, undo)
    }
    return rows.length
  },
  failedDeliveries: async ({ destination, since, until, after = { createdAt: since, position: 0 }, limit }) =>
    [...deliveries.values()]
      .filter((row) => row.state === 'failed' && row.destination === destination && row.createdAt <= until)
      .filter((row) => compareWritten(row, after) > 0)
      .sort(compareWritten)
      .slice(0, limit)
      .map(({ id, createdAt, position }) => ({ id, createdAt, position })),
  oldestQueuedAt: async (destination) => {
    const queued = [...deliveries.values()].flatMap((row) =>
      row.state === 'pending' && row.destination === destination ? [row.queuedAt] : [],
    )
    return queued.length > 0 ? Math.min(...queued) : null
  },
  readBacklog: async () => {
    const open = [...deliveries.values()].filter(({ state }) => state !== 'delivered')
    return [...Map.groupBy(open, ({ destination }) => destination)]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([destination, rows]) => {
        const queued = rows.flatMap(({ state, queuedAt }) => (state === 'pending' ? [queuedAt] : []))
        const oldestQueuedAt = queued.length > 0 ? Math.min(...queued) : null
        return { destination, pending: queued.length, failed: rows.length - queued.length, oldestQueuedAt }
      })
  },
})

type DestinationOperation =
  | 'readDestinations'
  | 'saveDestination'
  | 'holdCause'
  | 'releaseCause'
  | 'forgetCauses'

const destinationOperations = (
  { destinations, deliveryCauses }: Tables,
  undo: UndoLog,
): Pick<DeliveryOperations, DestinationOperation> => ({
  readDestinations: async () =>
    [...destinations.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1)),
  saveDestination: async (destination) => put(destinations, destination.name, destination, undo),
  holdCause: async ({ destination, cause, recordingId }) => {
    const key = `${destination} ${cause}`
    const holders = deliveryCauses.get(key) ?? []
    put(deliveryCauses, key, [...new Set([...holders, recordingId])], undo)
    return holders.length === 0
  },
  releaseCause: async ({ destination, cause, recordingId }) => {
    const key = `${destination} ${cause}`
    const holders = deliveryCauses.get(key) ?? []
    const others = holders.filter((id) => id !== recordingId)
    put(deliveryCauses, key, others, undo)
    return holders.length === 1 && others.length === 0
  },
  forgetCauses: async ({ except }) => {
    for (const key of deliveryCauses.keys()) {
      const [destination = ''] = key.split(' ')
      if (!except.includes(destination)) remove(deliveryCauses, key, undo)
    }
  },
})
