import { natives } from '../natives.ts'

const FIRST_DELAY_MS = 1000
const MAX_DELAY_MS = 30_000
/** A mistyped `Retry-After` in a proxy must not silence a page for a day. */
const MAX_RETRY_AFTER_MS = 300_000

/**
 * Delay before a report is sent again, in milliseconds: 1 s, 2 s, 4 s … 30 s, less up to half of it at random, so that
 * pages do not all retry at the same moment.
 *
 * @param failures consecutive failures, from 1
 * @param random 0 ≤ random < 1
 * @param retryAfter the response's `Retry-After` in seconds; it takes precedence, up to 5 minutes. A date is ignored
 */
export const retryDelay = (failures: number, random: number, retryAfter?: string | null): number => {
  const { min } = natives.Math
  const seconds = +(retryAfter || Number.NaN)
  if (seconds >= 0) return min(seconds * 1000, MAX_RETRY_AFTER_MS)
  return min(FIRST_DELAY_MS * 2 ** (failures - 1), MAX_DELAY_MS) * (1 - random / 2)
}
