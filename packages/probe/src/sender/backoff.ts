const FIRST_MS = 1000
const LONGEST_MS = 30_000
/** A slip of a digit in a proxy must not silence a page for a day. */
const LONGEST_RETRY_AFTER_MS = 300_000

/**
 * Milliseconds to wait before a report is sent again: 1 s, 2 s, 4 s … 30 s, of which up to half is taken off
 * at random, so that many pages do not come back at the same moment.
 *
 * @param failures tries that failed in a row, from 1
 * @param retryAfter the answer's `Retry-After` in seconds, which wins (up to 5 minutes); a date is not understood
 * @param random 0 ≤ random < 1
 */
export const retryDelay = (failures: number, retryAfter: string | null, random: number): number => {
  const asked = Number(retryAfter || Number.NaN)
  if (asked >= 0) return Math.min(asked * 1000, LONGEST_RETRY_AFTER_MS)
  return Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS) * (1 - random / 2)
}
