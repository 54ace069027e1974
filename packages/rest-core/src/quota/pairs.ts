/** `start` must follow `acquire` within two seconds (Agora, acquire). */
export const PAIR_LAPSES_MS = 2000

/**
 * The pairs of acquire and start that are under way. There are never more of them than one window has places,
 * and their starts leave before anything else: so all of them can leave within one window, even if all their
 * acquires are answered at the same moment. No place stands empty for that.
 */
export interface Pairs {
  /** Whether another acquire may leave. */
  vacant(): boolean
  /** An acquire leaves. */
  open(): void
  /** It was answered, with a resource or without. */
  answered(resourceId: string | undefined, now: number): void
  /** A start with this resource came: true if it is in time, and then `close` must follow. */
  claim(resourceId: string | undefined, now: number): boolean
  /** A claimed start left, or will not leave any more. */
  close(): void
  /** When the next reservation lapses that no start has claimed; undefined if there is none. */
  lapseAt(now: number): number | undefined
}

export const createPairs = (most: number): Pairs => {
  let acquiring = 0
  let claimed = 0
  // Resource → when its reservation lapses; all have the same time, so the first is the oldest.
  const reserved = new Map<string, number>()
  const dropLapsed = (now: number): number | undefined => {
    for (const [resourceId, lapsesAt] of reserved) {
      if (lapsesAt > now) return lapsesAt
      reserved.delete(resourceId)
    }
    return undefined
  }
  return {
    vacant: () => acquiring + reserved.size + claimed < most,
    open: () => {
      acquiring++
    },
    answered: (resourceId, now) => {
      acquiring--
      if (resourceId === undefined) return
      reserved.delete(resourceId)
      reserved.set(resourceId, now + PAIR_LAPSES_MS)
    },
    claim: (resourceId, now) => {
      dropLapsed(now)
      if (resourceId === undefined || !reserved.delete(resourceId)) return false
      claimed++
      return true
    },
    close: () => {
      claimed--
    },
    lapseAt: dropLapsed,
  }
}
