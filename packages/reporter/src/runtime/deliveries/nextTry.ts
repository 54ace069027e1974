import type { Time } from '../../supervisor/recording.ts'
import type { FailureKind } from './verdict.ts'

/** Seconds between the tries of a delivery; the last value repeats. */
export const RETRY_DELAYS: readonly [number, ...number[]] = [5, 60, 300, 1800, 7200, 18_000, 36_000]

/** For how long a delivery is tried, from its first try on. */
export const PATIENCE_MS: number = 3 * 86_400_000
/** A person who has it sent again waits for the result, and newer deliveries of the recording wait for it. */
export const REDELIVERY_PATIENCE_MS = 3_600_000

/** How far a delay may be from the table, as a fraction, so that many deliveries do not come at the same moment. */
const JITTER = 0.2
/** For a destination that is overloaded. */
const MIN_OVERLOAD_DELAY_MS = 60_000

export interface FailedTry {
  now: Time
  /** Tries so far, with this one. */
  tries: number
  firstTriedAt: Time
  redelivered: boolean
  kind: FailureKind
  /** What the answer asked for. */
  retryAfterMs: number | undefined
  /** Uniform in [0, 1). */
  random: number
}

/** @returns when a delivery is sent again; null if it was tried for long enough */
export const nextTryAt = (failed: FailedTry): Time | null => {
  const { now, firstTriedAt, redelivered } = failed
  const at = now + retryDelay(failed)
  const patience = redelivered ? REDELIVERY_PATIENCE_MS : PATIENCE_MS
  return at - firstTriedAt > patience ? null : at
}

/** Milliseconds until a delivery is sent again. */
export const retryDelay = ({
  tries,
  kind,
  retryAfterMs,
  random,
}: Pick<FailedTry, 'tries' | 'kind' | 'retryAfterMs' | 'random'>): number => {
  const seconds = RETRY_DELAYS[Math.min(tries, RETRY_DELAYS.length) - 1] ?? RETRY_DELAYS[0]
  const delayMs = Math.round(seconds * 1000 * (1 - JITTER + 2 * JITTER * random))
  return withRetryAfter({ kind, delayMs, retryAfterMs })
}

/**
 * Milliseconds. What a destination asks for counts up to twice the delay: a hostile or mistaken `Retry-After` could
 * otherwise silence it for a year.
 */
export const withRetryAfter = ({
  kind,
  delayMs,
  retryAfterMs = 0,
}: Pick<FailedTry, 'kind' | 'retryAfterMs'> & { delayMs: number }): number => {
  const isOverloaded = kind === 'overload' || kind === 'timeout'
  const delay = isOverloaded ? Math.max(delayMs, MIN_OVERLOAD_DELAY_MS) : delayMs
  return Math.min(Math.max(retryAfterMs, delay), 2 * delay)
}
