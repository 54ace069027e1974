import type { Time } from '../../supervisor/recording.ts'

/** What came of sending a delivery. */
export type SendResult =
  | { kind: 'answer'; status: number; headers: Headers; body: string }
  | { kind: 'failure'; failure: 'timeout' | 'unreachable' | 'address'; message: string }
  /** It was written for another preset, so nothing was sent. */
  | { kind: 'unsent'; message: string }

/**
 * - `overload`: the destination asks for fewer requests
 * - `timeout`: it did not answer in time
 * - `down`: it was not reached, or what stands in front of it did not reach it
 * - `error`: it failed, perhaps because of this delivery
 * - `rejected`: it answered, and does not accept this delivery now
 */
export type FailureKind = 'overload' | 'timeout' | 'down' | 'error' | 'rejected'

export type Verdict =
  | { outcome: 'delivered' }
  /** It is not sent again. That is no failure of the destination. */
  | { outcome: 'dropped'; why: string }
  /** It is not sent again: the destination is gone. */
  | { outcome: 'refused'; why: string }
  | { outcome: 'failed'; kind: FailureKind; why: string; retryAfterMs: number | undefined }

/**
 * What an answer means: Standard Webhooks, section "Webhook HTTP response". A redirect is not followed: it could lead to
 * an address that was not checked, and would send the body to a place that is not configured.
 */
export const judge = (result: SendResult, now: Time): Verdict => {
  if (result.kind === 'failure') {
    const kind = result.failure === 'timeout' ? 'timeout' : 'down'
    return { outcome: 'failed', kind, why: result.message, retryAfterMs: undefined }
  }
  if (result.kind === 'unsent') return { outcome: 'dropped', why: result.message }
  const { status, headers } = result
  if (status >= 200 && status < 300) return { outcome: 'delivered' }
  if (status === 410) return { outcome: 'refused', why: 'The destination answered 410: it is gone' }
  if (headers.get('webhook-delivery')?.trim().toLowerCase() === 'abort-message') {
    return {
      outcome: 'dropped',
      why: `The destination answered ${status}, and asks not to send this again (webhook-delivery: abort-message)`,
    }
  }
  return {
    outcome: 'failed',
    kind: kindOf(status),
    why: whyOf(status),
    retryAfterMs: retryAfterOf(headers.get('retry-after'), now),
  }
}

const kindOf = (status: number): FailureKind => {
  if (status === 429 || status === 503) return 'overload'
  if (status === 502 || status === 504) return 'down'
  return status >= 500 ? 'error' : 'rejected'
}

const whyOf = (status: number): string =>
  status >= 300 && status < 400
    ? `The destination answered ${status}: redirects are not followed, so set the final address in DELIVERIES`
    : `The destination answered ${status}`

/** Seconds, or a date (RFC 9110, section 10.2.3). What is neither counts as absent. */
const retryAfterOf = (value: string | null, now: Time): number | undefined => {
  const text = value?.trim() ?? ''
  if (/^\d+$/.test(text)) return Number(text) * 1000
  const at = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
