import { Agent, request } from 'node:http'
import { createHistogram } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

// The load generator, a process of its own: healthy recorded pages, without a browser. Each sends hello, loaded, and a
// heartbeat every 10 s, and retries a report that was not stored, as the probe does. It ends with its parent.

/** What the benchmark sends to this process. */
export type PagesCommand =
  | { do: 'open'; id: string; token: string }
  /** This page sends no more reports. */
  | { do: 'silence'; id: string }
  /** Answered with the `PagesStats` since the last time. */
  | { do: 'report' }

export interface PagesStats {
  open: number
  loaded: number
  /** How many answers of each status; 0: no answer. */
  answers: Record<string, number>
  /** How long the answers with status 200 took, in milliseconds. */
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
/** The probe's first delay before it retries a report, in milliseconds. */
const RETRY_DELAY_MS = 1000
/** Fewer than one per page: this benchmark measures the reporter, not how a machine copes with ten thousand sockets. */
const MAX_SOCKETS = 256

const url = new URL('/v1/reports', process.argv[2])
const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS })
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

const send = async (id: string, page: Page, type: 'hello' | 'loaded' | 'heartbeat'): Promise<void> => {
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
    else await sleep(RETRY_DELAY_MS)
  }
}

const run = async (id: string, page: Page): Promise<void> => {
  await send(id, page, 'hello')
  await sleep(LOADING_MS)
  await send(id, page, 'loaded')
  page.loaded = !page.ended
  // Pages that were opened together spread their heartbeats over the interval.
  await sleep(Math.random() * INTERVAL_MS)
  for (let next = Date.now(); !page.ended; await sleep(Math.max(0, next - Date.now()))) {
    next += INTERVAL_MS
    await send(id, page, 'heartbeat')
  }
}

const open = (id: string, token: string): void => {
  silence(id)
  const page: Page = { token, seq: 0, loaded: false, sid: undefined, ended: false }
  pages.set(id, page)
  void run(id, page)
}

const silence = (id: string): void => {
  const page = pages.get(id)
  if (page) page.ended = true
  pages.delete(id)
}

const takeStats = (): PagesStats => {
  const ms = (percentile: number): number => Math.round(latency.percentile(percentile) / 100) / 10
  const stats: PagesStats = {
    open: pages.size,
    loaded: [...pages.values()].filter((page) => page.loaded).length,
    answers,
    latency: { p50: ms(50), p99: ms(99), max: ms(100) },
  }
  answers = {}
  latency.reset()
  return stats
}

process.on('message', (command: PagesCommand) => {
  if (command.do === 'open') open(command.id, command.token)
  else if (command.do === 'silence') silence(command.id)
  else process.send?.(takeStats())
})
process.on('disconnect', () => process.exit())
