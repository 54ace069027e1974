import type { Time } from '../supervisor/recording.ts'

/**
 * - `pending`: it waits for its turn, or for its next try
 * - `delivered`: the destination has acknowledged it
 * - `failed`: it is not sent again on its own; its last try says why
 */
export const DELIVERY_STATES = ['pending', 'delivered', 'failed'] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

/** The id in the queues and deliveries that are about no recording. */
export const NO_RECORDING = ''
/** The id in the queues of tests and in tests: they wait for nothing else. No recording has such an id. */
export const TESTS = '.tests'

export interface NewDelivery {
  /** The `webhook-id`. */
  id: string
  destination: string
  type: string
  /** JSON of an object, to which the sequence is added. */
  body: string
}

/** One sending, and what came back. */
export interface DeliveryTry {
  at: Time
  durationMs: number
  /** The answer's status; null without an answer. */
  status: number | null
  /** The first bytes of the answer's body. */
  answer: string | null
  /** Why it does not count as delivered, for people; null if it does. */
  error: string | null
}

export interface StoredDelivery {
  /** Where it stands in the list. */
  position: number
  id: string
  destination: string
  recordingId: string
  /** From 1, without gaps among the deliveries of one recording to one destination. */
  sequence: number
  type: string
  state: DeliveryState
  /** JSON as it is sent under the preset `standard`. */
  body: string
  createdAt: Time
  /** When it was written or, if a person had it sent again, then. */
  queuedAt: Time
  redelivered: boolean
  /** Since it was queued. */
  tries: number
  firstTriedAt: Time | null
  endedAt: Time | null
  lastTry: DeliveryTry | null
}

/** The first pending delivery of a queue, reserved for one worker. */
export interface ClaimedDelivery extends StoredDelivery {
  claimedUntil: Time
}

export interface DeliveryClaimRequest {
  destination: string
  /** Heads that were sent before, or those that were not. They never wait for each other. */
  retrying: boolean
  /** The newest first, instead of those that are due the longest. */
  newestFirst?: boolean
  /** Also those that are not due yet. */
  evenIfNotDue?: boolean
  limit: number
  leaseMs: number
}

/** `retryAt` is when a delivery that stays `pending` is sent again. */
export type DeliveryResult = { lastTry: DeliveryTry } & (
  | { state: 'pending'; retryAt: Time }
  | { state: 'delivered' | 'failed' }
)

export interface DeliveryListOptions {
  destination?: string
  state?: DeliveryState
  recordingId?: string
  type?: string
  /** Only those that were written at this time or later. */
  since?: Time
  /** Only those below this position. */
  before?: number
  limit: number
}

/** A delivery, and its place among those of a destination in the order in which they were written. */
export interface WrittenDelivery {
  id: string
  createdAt: Time
  position: number
}

export interface FailedDeliveriesOptions {
  destination: string
  /** Only those that were written between these times, both included. */
  since: Time
  until: Time
  /** Only those after this one. */
  after?: Omit<WrittenDelivery, 'id'> | undefined
  limit: number
}

export interface ExpiryOptions {
  queuedBefore: Time
  limit: number
  /** Says why. */
  lastTry: DeliveryTry
}

/** A delivery that has waited for too long. */
export type ExpiredDelivery = Pick<StoredDelivery, 'id' | 'destination' | 'type' | 'redelivered'>

/** What waits for a destination. */
export interface DeliveryBacklog {
  destination: string
  pending: number
  failed: number
  /** When the one that has waited longest was queued; null if none is pending. */
  oldestQueuedAt: Time | null
}

export interface StoredDestination {
  name: string
  pausedAt: Time | null
  /** When a delivery was given up; null once another one was delivered. */
  failingSince: Time | null
}

/** Of one destination and one cause, for one recording. */
export interface CauseKey {
  destination: string
  cause: string
  recordingId: string
}

/** What the reporter persists about deliveries. `recordingId` may be `NO_RECORDING`. */
export interface DeliveryOperations {
  /** Adds deliveries to the end of the recording's queues, and numbers them. */
  addDeliveries(recordingId: string, deliveries: readonly NewDelivery[], now: Time): Promise<void>
  /** Claims the heads of queues that are due and have no running lease. */
  claimDeliveries(now: Time, request: DeliveryClaimRequest): Promise<ClaimedDelivery[]>
  /**
   * Stores the result of a try, and releases the queue; its next delivery is due immediately.
   * @returns false, and stores nothing, if another worker has claimed the queue since
   */
  settleDelivery(claim: ClaimedDelivery, result: DeliveryResult, now: Time): Promise<boolean>
  /** Pending deliveries that were queued before a time have failed. */
  expireDeliveries(options: ExpiryOptions): Promise<ExpiredDelivery[]>
  /** Ends all leases. Only for a store with a single process, whose predecessor's claims are void. */
  releaseDeliveryClaims(): Promise<void>
  /** Makes the heads of a destination due, or the one of a recording: it answers again, or a person asks for it. */
  hastenDeliveries(destination: string, now: Time, recordingId?: string): Promise<void>
  /** Newest first. */
  listDeliveries(options: DeliveryListOptions): Promise<StoredDelivery[]>
  loadDelivery(id: string): Promise<StoredDelivery | undefined>
  /**
   * Queues deliveries again, before the newer ones of their queues.
   * @returns the number of those that were not pending
   */
  requeueDeliveries(ids: readonly string[], now: Time): Promise<number>
  /** Deliveries of a destination that failed, in the order in which they were written. */
  failedDeliveries(options: FailedDeliveriesOptions): Promise<WrittenDelivery[]>
  /** When the pending delivery of a destination that has waited longest was queued; null if none is pending. */
  oldestQueuedAt(destination: string): Promise<Time | null>
  /** Counts, so it takes as long as there are such deliveries. Only destinations with a pending or failed one. */
  readBacklog(): Promise<DeliveryBacklog[]>

  readDestinations(): Promise<StoredDestination[]>
  saveDestination(destination: StoredDestination): Promise<void>

  /** @returns whether the cause held for no recording before */
  holdCause(key: CauseKey): Promise<boolean>
  /** @returns whether the cause held for this recording, and holds for none any more */
  releaseCause(key: CauseKey): Promise<boolean>
  /** Removes the causes of all destinations but these. */
  forgetCauses(options: { except: readonly string[] }): Promise<void>
}
