/**
 * Seconds before Agora's 404 is believed: query again after 5, 10 and 15 s (Agora, best practices for cloud recording).
 */
export const NOT_FOUND_WAITS: readonly number[] = [5, 10, 15]
/** All of these together. */
export const NOT_FOUND_SECONDS: number = NOT_FOUND_WAITS.reduce((sum, seconds) => sum + seconds)
/** Seconds between retries of a query that was answered 50x, which does not mean that the recording ended (same source). */
export const UNKNOWN_WAITS: readonly number[] = [5, 10, 15, 30]

/** The wait before retry number `index`, from 0. The last one repeats. */
export const waitAt = (waits: readonly number[], index: number): number =>
  waits[Math.min(index, waits.length - 1)] ?? 0
