import type { CallName } from '../call.ts'
import { type Clock, systemClock } from '../clock.ts'
import { createGate, type Gate } from './gate.ts'

/** Who wants to send one request. */
export interface QuotaWish {
  /** Agora counts per App ID, so does the quota. */
  appId: string
  call: CallName
  /** For `start`: the resource it starts with, by which it finds the place that its acquire reserved. */
  resourceId?: string
  signal?: AbortSignal
  /** Milliseconds, from 0: waits no longer than this. For ever if absent. */
  maxWaitMs?: number
}

/** The right to send one request, now. */
export interface QuotaGrant {
  /**
   * To be called when the try is over; only an acquire's matters. With the resource that it was given, its
   * start's place is kept for two seconds; without, it failed and the place is given back.
   */
  settle(resourceId?: string): void
}

/**
 * Shares out the requests per second of an App ID. Waiting calls leave in this order: a start whose acquire
 * was answered less than two seconds ago, stop, start, acquire, query, all others; the same kind in the order
 * in which they came. Nothing that could leave is held back, so a call waits no longer than those before it
 * in this order need.
 */
export interface Quota {
  /** Requests in any one second, per App ID. */
  readonly perSecond: number
  /** Never rejects: a wish that ran out of time is `expired`, one whose signal aborted is `aborted`. */
  take(wish: QuotaWish): Promise<QuotaGrant | 'expired' | 'aborted'>
  /**
   * One part out of `n`, rounded down, as a quota of its own: for `n` processes that use the same App ID.
   *
   * @param n whole number, 1 to `perSecond`
   * @throws RangeError if it is not: with less than one request per second, start could not follow acquire
   * within two seconds
   */
  share(n: number): Quota
}

export interface QuotaOptions {
  /** Requests in any one second, per App ID; a whole number from 1. Default 10 (Agora, limits of its REST API). */
  perSecond?: number
  /** Default: the machine's, unmoved by changes of its wall clock. */
  clock?: Clock
}

const monotonicClock: Clock = { now: () => performance.now(), sleep: systemClock.sleep }

/**
 * A quota of requests. Each client has one of its own unless it is given one: give the same object to all
 * clients of a process that use the same App ID.
 *
 * @example
 * const quota = createQuota({ perSecond: 10 }).share(2) // this is one of two reporters
 * const client = createCloudRecording({ appId, customerId, customerSecret, quota })
 *
 * @throws RangeError if `perSecond` is no whole number from 1
 */
export const createQuota = ({ perSecond = 10, clock = monotonicClock }: QuotaOptions = {}): Quota => {
  if (!Number.isSafeInteger(perSecond) || perSecond < 1) {
    throw new RangeError(`createQuota: perSecond must be a whole number from 1, it is ${perSecond}`)
  }
  const gates = new Map<string, Gate>()
  return {
    perSecond,
    take: ({ appId, ...wish }) => {
      const gate = gates.get(appId) ?? createGate(perSecond, clock)
      gates.set(appId, gate)
      return gate.take(wish)
    },
    share: (n) => {
      if (!Number.isSafeInteger(n) || n < 1 || n > perSecond) {
        throw new RangeError(
          `quota.share: ${perSecond} per second can be shared by 1 to ${perSecond}, not by ${n}`,
        )
      }
      return createQuota({ perSecond: Math.floor(perSecond / n), clock })
    },
  }
}
