import type { CallName } from '../call.ts'

/** A request for permission to send one HTTP request. */
export interface QuotaRequest {
  /** The quota is counted per App ID, as Agora's is. */
  appId: string
  call: CallName
  /** Of a `start`: identifies the slot that its acquire reserved. */
  resourceId?: string
  signal?: AbortSignal
  /** Milliseconds to wait at most, from 0. @default no limit */
  maxWaitMs?: number
}

/** Permission to send one HTTP request now. */
export interface QuotaGrant {
  /**
   * To be called when the request is over; matters for acquire only. If acquire returned a resource, its slot stays
   * reserved for the start with that resource for two seconds. Without one the slot is free again.
   */
  release(resourceId?: string): void
}

/**
 * Limits the requests per second of an App ID. Queued calls are sent in priority order: a start whose acquire was
 * answered less than two seconds ago, then stop, update, start, acquire, query, everything else; calls of the same kind
 * in the order of their arrival. From 2 requests per second, a single stop waits at most 1.05 s, however many starts
 * are queued.
 */
export interface Quota {
  /** Requests in any one second, per App ID. */
  readonly perSecond: number
  /** Never rejects. Resolves to `expired` after `maxWaitMs`, and to `aborted` if the signal aborts. */
  take(request: QuotaRequest): Promise<QuotaGrant | 'expired' | 'aborted'>
  /**
   * A separate quota with an n-th of the requests, rounded down: for `n` processes that use the same App ID.
   *
   * @param n whole number from 1 to `perSecond`
   * @throws RangeError for any other number: with less than one request per second, start could not follow acquire
   * within two seconds
   */
  share(n: number): Quota
}
