interface Item {
  priority: number
  expiresAt: number
}

/** Items by priority (the lowest first), and in the order of their arrival within one. */
export interface PriorityQueue<T extends Item> {
  add(item: T): void
  delete(item: T): void
  /** The item to serve next, ignoring those of priority `except`. */
  first(except?: number): T | undefined
  /** The items that have expired at `now`. */
  expired(now: number): T[]
  /** A time before which no item expires; infinity if none does. */
  nextExpiry(): number
  isEmpty(): boolean
}

/** @param priorities all priorities that items have, in ascending order */
export const createPriorityQueue = <T extends Item>(priorities: readonly number[]): PriorityQueue<T> => {
  const queues = new Map<number, Set<T>>(priorities.map((priority) => [priority, new Set()]))
  const all = (): T[] => [...queues.values()].flatMap((queue) => [...queue])
  let nextExpiry = Number.POSITIVE_INFINITY
  return {
    add: (item) => {
      queues.get(item.priority)?.add(item)
      nextExpiry = Math.min(nextExpiry, item.expiresAt)
    },
    delete: (item) => void queues.get(item.priority)?.delete(item),
    first: (except) => {
      for (const [priority, queue] of queues) {
        if (queue.size > 0 && priority !== except) return queue.values().next().value
      }
      return undefined
    },
    expired: (now) => {
      // Deleting an item does not update the bound, so it may be early, and is only recomputed when it is reached.
      if (now < nextExpiry) return []
      const items = all()
      const left = items.filter(({ expiresAt }) => expiresAt > now)
      nextExpiry = Math.min(...left.map(({ expiresAt }) => expiresAt))
      return items.filter(({ expiresAt }) => expiresAt <= now)
    },
    nextExpiry: () => nextExpiry,
    isEmpty: () => [...queues.values()].every((queue) => queue.size === 0),
  }
}
