import type { Call, InProcessEmulator } from '@stillrolling/emulator'
import { type Outage, type PlannedFault, REPLACED_ANSWERS, type ReplacedAnswer } from './schedule.ts'
import type { SimulatedTime } from './simulatedTime.ts'

/** One try as seen between client and service: the request and its answer. */
export interface Sent {
  readonly at: number
  readonly host: string
  readonly call: Call
  /** Method, path and body; a retry has the same. */
  readonly content: string
  /** The caller's operation (a run of a recipe) that the try belongs to. */
  readonly operation: number
  readonly cname: string | null
  readonly uid: string | null
  /** Taken from the path. */
  readonly resourceId: string | null
  /** When the answer or the fault reached the client. */
  endedAt?: number
  /** When the service answered. */
  servedAt?: number
  status?: number
  code?: number
  /** Whether the answer was not JSON, so not Agora's. */
  foreign?: boolean
  /** The resource that acquire returned to the client. */
  acquired?: string
  /** Why there was no answer. */
  lost?: string
}

export interface Network {
  readonly fetch: typeof fetch
  readonly sent: readonly Sent[]
  /** Injects a fault: an outage, or answers that are replaced. */
  inject(fault: Extract<PlannedFault, { kind: 'outage' | 'replacedAnswer' }>): void
  /** Ends every fault. */
  heal(): void
}

export interface NetworkOptions {
  emulator: InProcessEmulator
  time: SimulatedTime
  latencyMs: number
  /** Returns the operation that a request belongs to, by the page in its body or the sid in its path. */
  operationOf(subject: string): number
}

/** The client's timeout runs on a real timer, so the network enforces it in simulated time. */
export const TIMEOUT_MS = 10_000

const systemCode: Readonly<Record<'dns' | 'refused' | 'reset', string>> = {
  dns: 'ENOTFOUND',
  refused: 'ECONNREFUSED',
  reset: 'ECONNRESET',
}

const fetchFailed = (code: string): TypeError =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) })

interface Active {
  outages: { hosts: string; outage: Outage; until: number }[]
  replacements: Map<string, ReplacedAnswer[]>
}

/** A network in which all hosts lead to the emulator, unless an outage makes them unreachable. */
export const createNetwork = ({ emulator, time, latencyMs, operationOf }: NetworkOptions): Network => {
  const sent: Sent[] = []
  const active: Active = { outages: [], replacements: new Map() }

  const answer = async (entry: Sent, input: string, init: RequestInit): Promise<Response> => {
    const outage = active.outages.find(({ hosts, until }) => until > time.now() && entry.host.includes(hosts))
    if (outage !== undefined) return unreachable(outage.outage)
    const response = await emulator.fetch(input, init)
    const text = await response.text()
    entry.servedAt = time.now()
    // Only answers to what was done are replaced: no client could detect a 200 in place of a refusal.
    const replacement = response.status === 200 ? active.replacements.get(entry.call)?.shift() : undefined
    const seen = replacement ? REPLACED_ANSWERS[replacement] : { status: response.status, body: text }
    if (latencyMs > 0) await time.sleep(latencyMs)
    return received(entry, seen)
  }

  const unreachable = async (outage: Outage): Promise<Response> => {
    if (outage === 'gateway') return new Response('<html>Service Unavailable</html>', { status: 503 })
    if (outage === 'hang') await new Promise(() => {})
    else await time.sleep(latencyMs)
    throw fetchFailed(outage === 'hang' ? 'ETIMEDOUT' : systemCode[outage])
  }

  const send = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input))
    const entry = describe(url, init, time.now(), operationOf)
    sent.push(entry)
    const ended = new AbortController()
    const caller = init.signal ?? ended.signal
    const onAbort = (): void => ended.abort(caller.reason)
    caller.addEventListener('abort', onAbort, { once: true })
    const cancelTimeout = time.after(TIMEOUT_MS, () =>
      ended.abort(new DOMException('too late', 'TimeoutError')),
    )
    const rejectedAtEnd = new Promise<never>((_, reject) => {
      ended.signal.addEventListener('abort', () => reject(ended.signal.reason), { once: true })
    })
    try {
      const response = await Promise.race([
        answer(entry, url.href, { ...init, signal: ended.signal }),
        rejectedAtEnd,
      ])
      entry.status = response.status
      return response
    } catch (error) {
      entry.lost = error instanceof Error ? faultName(error) : String(error)
      throw error
    } finally {
      entry.endedAt = time.now()
      cancelTimeout()
      caller.removeEventListener('abort', onAbort)
    }
  }

  return {
    sent,
    fetch: send,
    inject: (fault) => {
      if (fault.kind === 'outage') {
        const { hosts, outage, seconds } = fault
        active.outages.push({ hosts, outage, until: time.now() + seconds * 1000 })
      } else {
        const queue = active.replacements.get(fault.call) ?? []
        active.replacements.set(fault.call, [
          ...queue,
          ...Array<ReplacedAnswer>(fault.times).fill(fault.answer),
        ])
      }
    },
    heal: () => {
      active.outages = []
      active.replacements.clear()
    },
  }
}

const faultName = ({ name, message, cause }: Error): string =>
  cause instanceof Error ? cause.message : `${name}: ${message}`

const received = (entry: Sent, seen: { status: number; body: string; isTruncated?: boolean }): Response => {
  const { status, body, isTruncated } = seen
  if (isTruncated) {
    entry.lost = 'the body is incomplete'
    return new Response(truncated(body), { status })
  }
  entry.foreign = !body.startsWith('{')
  const json: unknown = entry.foreign ? {} : JSON.parse(body)
  const { code, resourceId } = json as { code?: number; resourceId?: string }
  entry.code = code
  if (entry.call === 'acquire' && status === 200) entry.acquired = resourceId
  return new Response(body, { status })
}

const truncated = (start: string): ReadableStream<Uint8Array> => {
  let pulled = false
  return new ReadableStream({
    pull: (controller) => {
      if (pulled) return controller.error(fetchFailed('UND_ERR_SOCKET'))
      pulled = true
      controller.enqueue(new TextEncoder().encode(start))
    },
  })
}

/** Describes a request by its path and body. */
const describe = (
  url: URL,
  init: RequestInit,
  at: number,
  operationOf: NetworkOptions['operationOf'],
): Sent => {
  const { pathname, host } = url
  const parts = pathname.split('/').slice(5)
  const call = parts.at(-1) as Call
  const body = typeof init.body === 'string' ? init.body : ''
  const { cname = null, uid = null } =
    body === '' ? {} : (JSON.parse(body) as { cname?: string; uid?: string })
  const page = /https:\/\/page\.example\.com\/\d+/.exec(body)?.[0]
  const sid = parts[2] === 'sid' ? parts[3] : undefined
  return {
    at,
    host,
    call,
    content: `${init.method} ${pathname} ${body}`,
    operation: operationOf(page ?? sid ?? ''),
    cname,
    uid,
    resourceId: parts[0] === 'resourceid' ? (parts[1] ?? null) : null,
  }
}
