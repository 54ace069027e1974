import type { Clock } from './clock.ts'
import { type FaultKind, faultOf } from './fault.ts'

/** One HTTP request. */
export interface Outgoing {
  method: 'GET' | 'POST'
  url: string
  headers: Readonly<Record<string, string>>
  body?: string
}

/** What came back, whole or not. */
export interface Reply {
  status?: number
  /** The body if it was a JSON object. */
  json?: Readonly<Record<string, unknown>>
  /** Why there is no `json`, in words. */
  unreadable?: string
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
 * One request, one reply; never rejects. The time-out runs until the last byte of the body: a service that
 * sends its headers and then stalls must not hold the caller.
 */
export const exchange = async (
  send: typeof fetch,
  outgoing: Outgoing,
  limits: ExchangeLimits,
  clock: Pick<Clock, 'now'>,
): Promise<Reply> => {
  const { url, method, headers, body } = outgoing
  const abort = new AbortController()
  // The fault is named by whoever aborted first, because fetch reports all aborts alike.
  let stopped: FaultKind | undefined
  const stop = (fault: FaultKind): void => {
    stopped ??= fault
    abort.abort()
  }
  const onAbort = (): void => stop('aborted')
  const timer = setTimeout(stop, limits.timeoutMs, 'timeout')
  limits.signal?.addEventListener('abort', onAbort)
  if (limits.signal?.aborted) onAbort()
  let reply: Reply = {}
  try {
    // Redirects are not followed: the credentials belong to this host alone.
    const response = await send(url, { method, headers, body, redirect: 'manual', signal: abort.signal })
    reply = headOf(response, clock)
    return { ...reply, ...contentOf(await response.text()) }
  } catch (cause) {
    const fault = stopped ?? (reply.status === undefined ? faultOf(cause) : 'truncated')
    return { ...reply, fault, cause: stopped === undefined ? cause : undefined }
  } finally {
    clearTimeout(timer)
    limits.signal?.removeEventListener('abort', onAbort)
  }
}

const headOf = ({ status, headers }: Response, clock: Pick<Clock, 'now'>): Reply => {
  const requestId = headers.get('x-request-id') ?? undefined
  return { status, requestId, retryAfter: retryAfterOf(headers, clock) }
}

/**
 * `Retry-After` in seconds, from either form (RFC 9110, 10.2.3). A date is measured from the answer's own
 * `Date`, so that the two machines' clocks need not agree; without one, from this machine's.
 */
const retryAfterOf = (headers: Headers, clock: Pick<Clock, 'now'>): number | undefined => {
  const header = headers.get('retry-after')?.trim() ?? ''
  if (/^\d{1,6}$/.test(header)) return Number(header)
  const until = dateOf(header)
  if (until === undefined) return undefined
  const now = dateOf(headers.get('date')?.trim() ?? '') ?? clock.now()
  return Math.max(0, Math.ceil((until - now) / 1000))
}

/** HTTP's dates end in GMT; anything else would be read in this machine's time zone. */
const dateOf = (header: string): number | undefined => {
  const time = header.endsWith(' GMT') ? Date.parse(header) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}

const contentOf = (text: string): Pick<Reply, 'json' | 'unreadable'> => {
  try {
    const json: unknown = JSON.parse(text)
    if (typeof json === 'object' && json !== null && !Array.isArray(json))
      return { json: json as Record<string, unknown> }
  } catch {
    // The parser's own message quotes the body, which may quote the request.
  }
  return {
    unreadable: text === '' ? 'the body is empty' : `the body is no JSON object (${text.length} characters)`,
  }
}
