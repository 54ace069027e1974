/**
 * `start` must follow the answer to `acquire` within two seconds:
 * https://docs.agora.io/en/api-reference/api-ref/cloud-recording/acquire
 */
export const PAIR_TIMEOUT_MS = 2000

/**
 * The pairs of acquire and start that are under way. There are fewer of them than requests fit into one window, and
 * their starts have the highest priority, so all starts fit into one window even if all acquires are answered at the
 * same moment. The request that still fits is for a stop: no acquire overtakes it, so it waits for one window at most.
 * No capacity is kept unused for that.
 */
export interface Pairs {
  /** Whether another acquire may be sent. */
  hasCapacity(): boolean
  acquireSent(): void
  /** @param resourceId undefined if acquire failed */
  acquireAnswered(resourceId: string | undefined, now: number): void
  /** Whether a start with this resource is in time for its pair. If so, `startDone` must follow. */
  claimStart(resourceId: string | undefined, now: number): boolean
  /** The claimed start was sent, or will not be sent. */
  startDone(): void
  /** When the next unclaimed reservation expires; undefined if there is none. */
  nextExpiry(now: number): number | undefined
}

export const createPairs = (maxPairs: number): Pairs => {
  let acquiring = 0
  let claimed = 0
  // Resource → expiry of its reservation. All last equally long, so the first is the oldest.
  const reserved = new Map<string, number>()
  const dropExpired = (now: number): number | undefined => {
    for (const [resourceId, expiresAt] of reserved) {
      if (expiresAt > now) return expiresAt
      reserved.delete(resourceId)
    }
    return undefined
  }
  return {
    hasCapacity: () => acquiring + reserved.size + claimed < maxPairs,
    acquireSent: () => {
      acquiring++
    },
    acquireAnswered: (resourceId, now) => {
      acquiring--
      if (resourceId === undefined) return
      reserved.delete(resourceId)
      reserved.set(resourceId, now + PAIR_TIMEOUT_MS)
    },
    claimStart: (resourceId, now) => {
      dropExpired(now)
      if (resourceId === undefined || !reserved.delete(resourceId)) return false
      claimed++
      return true
    },
    startDone: () => {
      claimed--
    },
    nextExpiry: dropExpired,
  }
}
