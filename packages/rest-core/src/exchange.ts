import type { Clock } from './clock.ts'
import { type FaultKind, faultOf } from './fault.ts'
import { onAbort } from './onAbort.ts'

/** One HTTP request. */
export interface OutgoingRequest {
  method: 'GET' | 'POST'
  url: string
  headers: Readonly<Record<string, string>>
  body?: string
}

/** What was received, complete or not. */
export interface RawAnswer {
  status?: number
  /** The body if it was a JSON object. */
  json?: Readonly<Record<string, unknown>>
  /** Why there is no `json`. */
  unreadableReason?: string
  requestId?: string
  /** Seconds, from `Retry-After`. */
  retryAfter?: number
  fault?: FaultKind
  cause?: unknown
}

export interface ExchangeLimits {
  timeoutMs: number
  signal?: AbortSignal
}

/**
 * Sends one request; never rejects. The timeout includes the body, because a service may stall after its headers.
 */
export const exchange = async (
  send: typeof fetch,
  outgoing: OutgoingRequest,
  limits: ExchangeLimits,
  clock: Pick<Clock, 'now'>,
): Promise<RawAnswer> => {
  const { url, method, headers, body } = outgoing
  const abort = new AbortController()
  // fetch reports all aborts alike, so the first reason is kept here.
  let abortedBy: FaultKind | undefined
  const abortWith = (fault: FaultKind): void => {
    abortedBy ??= fault
    abort.abort()
  }
  const timer = setTimeout(abortWith, limits.timeoutMs, 'timeout')
  const { signal } = limits
  if (signal?.aborted) abortWith('aborted')
  const forget = signal?.aborted === false ? onAbort(signal, () => abortWith('aborted')) : undefined
  let answer: RawAnswer = {}
  try {
    // Redirects are not followed: the credentials are for this host only.
    const response = await send(url, { method, headers, body, redirect: 'manual', signal: abort.signal })
    answer = headOf(response, clock)
    return { ...answer, ...contentOf(await response.text()) }
  } catch (cause) {
    const fault = abortedBy ?? (answer.status === undefined ? faultOf(cause) : 'truncated')
    return { ...answer, fault, cause: abortedBy === undefined ? cause : undefined }
  } finally {
    clearTimeout(timer)
    forget?.()
  }
}

const headOf = ({ status, headers }: Response, clock: Pick<Clock, 'now'>): RawAnswer => {
  const requestId = headers.get('x-request-id') ?? undefined
  return { status, requestId, retryAfter: retryAfterOf(headers, clock) }
}

/** Seconds. No service asks for longer in earnest, and timers of more than 24.8 days fire immediately. */
const LONGEST_RETRY_AFTER = 86_400

/**
 * `Retry-After` in seconds, at most a day, from either of its forms (RFC 9110, section 10.2.3). A date is relative to the
 * answer's own `Date`, so that the two machines' clocks need not agree, or else to this machine's clock.
 */
const retryAfterOf = (headers: Headers, clock: Pick<Clock, 'now'>): number | undefined => {
  const header = headers.get('retry-after')?.trim() ?? ''
  if (/^\d+$/.test(header)) return Math.min(Number(header), LONGEST_RETRY_AFTER)
  const until = dateOf(header)
  if (until === undefined) return undefined
  const now = dateOf(headers.get('date')?.trim() ?? '') ?? clock.now()
  return Math.min(Math.max(0, Math.ceil((until - now) / 1000)), LONGEST_RETRY_AFTER)
}

/** Dates in HTTP end in GMT. Without this check others would be read in this machine's time zone. */
const dateOf = (header: string): number | undefined => {
  const time = header.endsWith(' GMT') ? Date.parse(header) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}

const contentOf = (text: string): Pick<RawAnswer, 'json' | 'unreadableReason'> => {
  try {
    const json: unknown = JSON.parse(text)
    if (typeof json === 'object' && json !== null && !Array.isArray(json))
      return { json: json as Record<string, unknown> }
  } catch {
    // The parser's message is not used: it quotes the body, which may quote the request.
  }
  return {
    unreadableReason:
      text === '' ? 'the body is empty' : `the body is not a JSON object (${text.length} characters)`,
  }
}
