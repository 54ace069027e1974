import type { Call, InProcessEmulator } from '@stillrolling/emulator'
import { type Outage, type PlannedFault, TWISTS, type Twist } from './schedule.ts'
import type { SimulatedTime } from './simulatedTime.ts'

/** One try as it was seen between client and service: what left, and what came back. */
export interface Sent {
  readonly at: number
  readonly host: string
  readonly call: Call
  /** Method, path and body: the same again is a retry. */
  readonly content: string
  /** The caller's operation (a run of a recipe) that it belongs to. */
  readonly operation: number
  readonly cname: string | null
  readonly uid: string | null
  /** Of the path. */
  readonly resourceId: string | null
  /** When the answer, or the fault, reached the client. */
  endedAt?: number
  /** When the service answered. */
  servedAt?: number
  status?: number
  code?: number
  /** What acquire gave to the client. */
  acquired?: string
  /** Why no answer came. */
  lost?: string
}

export interface Network {
  readonly fetch: typeof fetch
  readonly sent: readonly Sent[]
  /** From now on: an outage, or answers that are replaced. */
  plan(fault: Extract<PlannedFault, { kind: 'outage' | 'twist' }>): void
  /** Every fault ends. */
  heal(): void
}

export interface NetworkOptions {
  emulator: InProcessEmulator
  time: SimulatedTime
  latencyMs: number
  /** Which operation a request belongs to, by the page it names or the sid in its path. */
  operationOf(about: string): number
}

/** The client's own time-out runs on a real timer, so the network ends what takes longer, on simulated time. */
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
  twists: Map<string, Twist[]>
}

/** A network whose hosts all lead to the emulator, unless they are out of reach. */
export const createNetwork = ({ emulator, time, latencyMs, operationOf }: NetworkOptions): Network => {
  const sent: Sent[] = []
  const active: Active = { outages: [], twists: new Map() }

  const answer = async (entry: Sent, input: string, init: RequestInit): Promise<Response> => {
    const outage = active.outages.find(({ hosts, until }) => until > time.now() && entry.host.includes(hosts))
    if (outage !== undefined) return unreachable(outage.outage)
    const response = await emulator.fetch(input, init)
    const text = await response.text()
    entry.servedAt = time.now()
    // Only of what was done: 200 in place of a refusal would be a lie that nobody can see through.
    const twist = response.status === 200 ? active.twists.get(entry.call)?.shift() : undefined
    const seen = twist === undefined ? { status: response.status, body: text } : TWISTS[twist]
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
    const over = new AbortController()
    const caller = init.signal ?? over.signal
    const onAbort = (): void => over.abort(caller.reason)
    caller.addEventListener('abort', onAbort, { once: true })
    const late = time.after(TIMEOUT_MS, () => over.abort(new DOMException('too late', 'TimeoutError')))
    const ended = new Promise<never>((_, reject) => {
      over.signal.addEventListener('abort', () => reject(over.signal.reason), { once: true })
    })
    try {
      const response = await Promise.race([answer(entry, url.href, { ...init, signal: over.signal }), ended])
      entry.status = response.status
      return response
    } catch (error) {
      entry.lost = error instanceof Error ? faultName(error) : String(error)
      throw error
    } finally {
      entry.endedAt = time.now()
      late()
      caller.removeEventListener('abort', onAbort)
    }
  }

  return {
    sent,
    fetch: send,
    plan: (fault) => {
      if (fault.kind === 'outage') {
        const { hosts, outage, seconds } = fault
        active.outages.push({ hosts, outage, until: time.now() + seconds * 1000 })
      } else {
        const queue = active.twists.get(fault.call) ?? []
        active.twists.set(fault.call, [...queue, ...Array<Twist>(fault.times).fill(fault.twist)])
      }
    },
    heal: () => {
      active.outages = []
      active.twists.clear()
    },
  }
}

const faultName = ({ name, message, cause }: Error): string =>
  cause instanceof Error ? cause.message : `${name}: ${message}`

const received = (entry: Sent, seen: { status: number; body: string; broken?: boolean }): Response => {
  const { status, body, broken } = seen
  if (broken) {
    entry.lost = 'the body broke off'
    return new Response(brokenOff(body), { status })
  }
  const json: unknown = body.startsWith('{') ? JSON.parse(body) : {}
  const { code, resourceId } = json as { code?: number; resourceId?: string }
  entry.code = code
  if (entry.call === 'acquire' && status === 200) entry.acquired = resourceId
  return new Response(body, { status })
}

const brokenOff = (start: string): ReadableStream<Uint8Array> => {
  let pulled = false
  return new ReadableStream({
    pull: (controller) => {
      if (pulled) return controller.error(fetchFailed('UND_ERR_SOCKET'))
      pulled = true
      controller.enqueue(new TextEncoder().encode(start))
    },
  })
}

/** What a request is about, read from its path and body. */
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
