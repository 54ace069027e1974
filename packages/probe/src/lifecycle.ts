import type { ProbePhase } from './probeTypes.ts'
import { FENCE_PREFIX } from './types.ts'

/** Consecutive polls that must find every expectation met. */
export const POLLS_TO_LOAD = 2
/** How long a loaded page waits for the reporter to confirm the attempt, if the token asks for the fence. */
export const FENCE_TIMEOUT_MS = 15_000

/** How far a document has come. Times in milliseconds since navigation start. */
export interface Lifecycle {
  phase: ProbePhase
  /** Consecutive polls that have found every expectation met. */
  metPolls: number
  /** The reporter has answered, or a request has failed. Until then the reporter may still add expectations. */
  responded: boolean
  /** The earliest time for `notifyReady()`. */
  fencedUntil: number
  /** `notifyReady()` has been called. */
  notified: boolean
}

export const startLifecycle = (token: string): Lifecycle => ({
  phase: 'loading',
  metPolls: 0,
  responded: false,
  fencedUntil: token.startsWith(FENCE_PREFIX) ? Number.POSITIVE_INFINITY : 0,
  notified: false,
})

/**
 * Applies a poll. The fence expires after `FENCE_TIMEOUT_MS`, so that an unreachable reporter cannot block
 * `notifyReady()`.
 *
 * @param ok every expectation is met
 * @returns whether the page has loaded with this poll
 */
export const hasJustLoaded = (lifecycle: Lifecycle, ok: boolean, now: number): boolean => {
  lifecycle.metPolls = ok ? lifecycle.metPolls + 1 : 0
  if (lifecycle.phase !== 'loading' || lifecycle.metPolls < POLLS_TO_LOAD || !lifecycle.responded)
    return false
  lifecycle.phase = 'loaded'
  if (lifecycle.fencedUntil) lifecycle.fencedUntil = now + FENCE_TIMEOUT_MS
  return true
}

/** Whether `notifyReady()` is to be called now. */
export const isNotifyDue = ({ phase, notified, fencedUntil }: Lifecycle, now: number): boolean =>
  phase === 'loaded' && !notified && now >= fencedUntil
