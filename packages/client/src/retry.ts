import type { StillrollingError } from './errors.ts'

/** A longer `Retry-After` is left to the caller. */
export const MAX_RETRY_AFTER = 60

const BASE_DELAY_MS = 500
const MAX_DELAY_MS = 8000

/** The answers of servers and proxies after which the same request may succeed. */
const TRANSIENT_STATUSES: readonly unknown[] = [408, 429, 500, 502, 503, 504]

/**
 * Whether a request may be sent again: if it was refused before anything was done, or if it is idempotent and the failure
 * may pass.
 */
export const mayRetry = (error: StillrollingError, isIdempotent: boolean): boolean => {
  const { code, status, retryAfter } = error
  if (retryAfter !== null && retryAfter > MAX_RETRY_AFTER) return false
  const isRefused = status === 429 || (status === 503 && retryAfter !== null && code !== 'unexpected_answer')
  if (isRefused || !isIdempotent) return isRefused
  return code === 'connection_failed' || code === 'timed_out' || TRANSIENT_STATUSES.includes(status)
}

/**
 * Milliseconds before a retry: doubled each time from half a second to 8 s, of which up to a half is left out at random, so that
 * clients that failed together do not come back together. Never sooner than the reporter asks for.
 * @param retry from 1
 * @param random from 0 to 1
 */
export const retryDelayMs = (retry: number, retryAfter: number | null, random: number): number => {
  const delay = Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** (retry - 1)) * (1 - random / 2)
  return retryAfter === null ? delay : retryAfter * 1000 + delay / 2
}
