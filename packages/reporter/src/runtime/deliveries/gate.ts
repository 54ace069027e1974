import { withRetryAfter } from './nextTry.ts'
import type { FailureKind } from './verdict.ts'

/**
 * How many deliveries a destination may be sent at the same time. While it is down it is probed with one at a time, and
 * all others wait without a try.
 *
 *     three failures without an answer between, or an overload
 *   up ───────────────────────────────────────────► down ──(probe delay)──► one delivery is sent
 *    ▲                                                ▲                        │          │
 *    │                                                └─────── it fails ───────┘          │
 *    └───────────────────────── it is answered ───────────────────────────────────────────┘
 *
 * After that the number doubles with each success, from 1 up.
 */
export interface Gate {
  /** @param running how many are being sent now */
  slots(elapsed: number, running: Running): Slots
  /** @returns true if the destination was down and answers again */
  answered(): boolean
  /** A rejection is an answer, and no failure: only the delivery waits. */
  failed(kind: DestinationFailure, failure: Failure): void
  isDown(): boolean
  /** The next probe need not wait: a person asks for it. */
  hasten(): void
}

export type DestinationFailure = Exclude<FailureKind, 'rejected'>

export interface Failure {
  recordingId: string
  /** When the delivery was sent. */
  startedAt: number
  /** Now. */
  elapsed: number
  retryAfterMs: number | undefined
}

/** New deliveries, and those that were tried before. */
export interface Running {
  fresh: number
  retries: number
}

export type Slots = Running & { isProbe: boolean }

const MAX_SENDING = 16
/** A part of `MAX_SENDING`: retries, which may all take until their timeout, leave room for new deliveries. */
const MAX_RETRIES = 4
const MAX_FAILURES = 3
/** Seconds between two probes; the last value repeats. So deliveries are sent five minutes after its return at the latest. */
export const PROBE_DELAYS: readonly number[] = [5, 10, 20, 40, 60, 120, 300]

const CLOSED: Slots = { fresh: 0, retries: 0, isProbe: false }

/** Times are monotonic. */
export const createGate = (): Gate => {
  let limit = MAX_SENDING
  /** Since the last answer. A recording that fails again and again says nothing about the others. */
  let failures = new Set<string>()
  let down: { nextProbeAt: number; since: number; probes: number } | undefined

  return {
    slots: (elapsed, running) => {
      if (down) {
        const isBusy = running.fresh + running.retries > 0
        return isBusy || elapsed < down.nextProbeAt ? CLOSED : { fresh: 1, retries: 1, isProbe: true }
      }
      return {
        fresh: Math.max(0, limit - running.fresh),
        retries: Math.max(0, Math.min(limit, MAX_RETRIES) - running.retries),
        isProbe: false,
      }
    },
    answered: () => {
      const wasDown = down !== undefined
      limit = wasDown ? 1 : Math.min(MAX_SENDING, limit * 2)
      failures = new Set()
      down = undefined
      return wasDown
    },
    failed: (kind, { recordingId, startedAt, elapsed, retryAfterMs }) => {
      failures.add(kind === 'error' ? recordingId : `${failures.size} `)
      // It was sent before the destination was known to be down, and says nothing new.
      if (down && startedAt < down.since) return
      if (!down && failures.size < MAX_FAILURES && kind !== 'overload') return
      const probes = (down?.probes ?? -1) + 1
      const seconds = PROBE_DELAYS[Math.min(probes, PROBE_DELAYS.length - 1)] ?? 0
      const waitMs = withRetryAfter({ kind, delayMs: seconds * 1000, retryAfterMs })
      down = { nextProbeAt: elapsed + waitMs, since: down?.since ?? elapsed, probes }
    },
    isDown: () => down !== undefined,
    hasten: () => {
      if (down) down.nextProbeAt = Number.NEGATIVE_INFINITY
    },
  }
}
