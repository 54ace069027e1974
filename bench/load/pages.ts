import { Agent, request } from 'node:http'
import { createHistogram } from 'node:perf_hooks'

// The load, a process of its own: recorded pages that are all well, without a browser. Each says hello, loaded, and a
// heartbeat every 10 s, and sends again what was not kept, as the probe does. It ends with its parent.

/** What the pages are told. */
export type PagesOrder =
  | { do: 'open'; id: string; token: string }
  /** From now on this page says nothing. */
  | { do: 'silence'; id: string }
  /** How it went since the last time; answered with `PagesSaid`. */
  | { do: 'tell' }

export interface PagesSaid {
  open: number
  loaded: number
  /** By status; 0 is no answer. */
  answers: Record<string, number>
  /** Of the reports that were answered 200, in milliseconds. */
  latency: { p50: number; p99: number; max: number }
}

interface Page {
  token: string
  seq: number
  loaded: boolean
  sid: string | undefined
  ended: boolean
}

const INTERVAL_MS = 10_000
/** From hello until the page has loaded, in milliseconds. */
const LOADING_MS = 1000
/** As the probe does when it gets no answer, in milliseconds. */
const AGAIN_MS = 1000
/** Fewer than one per page: what counts here is the reporter, and ten thousand sockets are another benchmark. */
const SOCKETS = 256

const url = new URL('/v1/reports', process.argv[2])
const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS })
const pages = new Map<string, Page>()
const latency = createHistogram()
let answers: Record<string, number> = {}

const post = (body: string): Promise<{ status: number; text: string }> =>
  new Promise((resolve) => {
    const headers = { 'content-type': 'text/plain;charset=UTF-8', 'content-length': Buffer.byteLength(body) }
    const sent = request(url, { method: 'POST', agent, headers, timeout: INTERVAL_MS }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
    })
    sent.on('timeout', () => sent.destroy())
    sent.on('error', () => resolve({ status: 0, text: '' }))
    sent.end(body)
  })

const reportOf = (id: string, page: Page, type: string): string => {
  page.seq += 1
  return JSON.stringify({
    v: 1,
    token: page.token,
    ...(page.sid && { sid: page.sid }),
    type,
    page: `page-${id}`,
    seq: page.seq,
    at: Math.round(performance.now()),
    checks: [
      { name: '#board', ok: true },
      { name: '#clock', ok: true },
    ],
    media: [{ name: 'video.teacher', ok: true, time: page.seq * 10, frames: page.seq * 300 }],
    visible: true,
    late: 3,
    errors: 0,
    missed: 0,
  })
}

const say = async (id: string, page: Page, type: 'hello' | 'loaded' | 'heartbeat'): Promise<void> => {
  const report = reportOf(id, page, type)
  while (!page.ended) {
    const sentAt = performance.now()
    const { status, text } = await post(report)
    answers[status] = (answers[status] ?? 0) + 1
    if (status === 200) {
      latency.record(Math.max(1, Math.round((performance.now() - sentAt) * 1000)))
      page.sid = (JSON.parse(text) as { sid: string | null }).sid ?? undefined
      return
    }
    if (status === 410 || status === 401) page.ended = true
    else await later(AGAIN_MS)
  }
}

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const live = async (id: string, page: Page): Promise<void> => {
  await say(id, page, 'hello')
  await later(LOADING_MS)
  await say(id, page, 'loaded')
  page.loaded = !page.ended
  // Pages that were opened at once do not speak at once for ever.
  await later(Math.random() * INTERVAL_MS)
  for (let next = Date.now(); !page.ended; await later(Math.max(0, next - Date.now()))) {
    next += INTERVAL_MS
    await say(id, page, 'heartbeat')
  }
}

const open = (id: string, token: string): void => {
  silence(id)
  const page: Page = { token, seq: 0, loaded: false, sid: undefined, ended: false }
  pages.set(id, page)
  void live(id, page)
}

const silence = (id: string): void => {
  const page = pages.get(id)
  if (page) page.ended = true
  pages.delete(id)
}

const tell = (): PagesSaid => {
  const ms = (percentile: number): number => Math.round(latency.percentile(percentile) / 100) / 10
  const said: PagesSaid = {
    open: pages.size,
    loaded: [...pages.values()].filter((page) => page.loaded).length,
    answers,
    latency: { p50: ms(50), p99: ms(99), max: ms(100) },
  }
  answers = {}
  latency.reset()
  return said
}

process.on('message', (order: PagesOrder) => {
  if (order.do === 'open') open(order.id, order.token)
  else if (order.do === 'silence') silence(order.id)
  else process.send?.(tell())
})
process.on('disconnect', () => process.exit())
