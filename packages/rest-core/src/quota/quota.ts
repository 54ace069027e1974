import { type Clock, systemClock } from '../clock.ts'
import { createLimiter, type Limiter } from './limiter.ts'
import type { Quota } from './quotaTypes.ts'

export interface QuotaOptions {
  /**
   * Requests in any one second, per App ID; a whole number from 1. Agora allows 10 unless agreed otherwise:
   * https://docs.agora.io/en/cloud-recording/best-practices/webpage-best-practices
   * @default 10
   */
  perSecond?: number
  /** @default a monotonic clock */
  clock?: Clock
}

const monotonicClock: Clock = { now: () => performance.now(), sleep: systemClock.sleep }

/**
 * Creates a quota of requests. Pass the same quota to all clients of a process that use the same App ID; a client
 * without one creates its own.
 *
 * @example
 * const quota = createQuota({ perSecond: 10 }).share(2) // this is one of two reporters
 * const client = createCloudRecording({ appId, customerId, customerSecret, quota })
 *
 * @throws RangeError if `perSecond` is not a whole number of at least 1
 */
export const createQuota = ({ perSecond = 10, clock = monotonicClock }: QuotaOptions = {}): Quota => {
  if (!Number.isSafeInteger(perSecond) || perSecond < 1) {
    throw new RangeError(`createQuota: perSecond must be a whole number of at least 1, got ${perSecond}`)
  }
  const limiters = new Map<string, Limiter>()
  return {
    perSecond,
    take: ({ appId, ...request }) => {
      const limiter = limiters.get(appId) ?? createLimiter(perSecond, clock)
      limiters.set(appId, limiter)
      return limiter.take(request)
    },
    share: (n) => {
      if (!Number.isSafeInteger(n) || n < 1 || n > perSecond) {
        throw new RangeError(
          `quota.share: ${perSecond} requests per second can be shared by 1 to ${perSecond} processes, got ${n}`,
        )
      }
      return createQuota({ perSecond: Math.floor(perSecond / n), clock })
    },
  }
}
