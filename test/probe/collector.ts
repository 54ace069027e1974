import { readFile } from 'node:fs/promises'
import type { AddressInfo, Server } from 'node:net'
import { serve } from '@hono/node-server'
import type { Report, ReportAnswer } from '@stillrolling/probe/types'
import { Hono } from 'hono'
import { cors } from 'hono/cors'

/** What is answered to a report: an answer of the reporter, or an HTTP status, with `Retry-After` in seconds if given. */
export type Reply = Partial<ReportAnswer> | { status: number; retryAfter?: number } | 'hang'

/** A request as it reached the collector, whatever came of it. */
export interface Request {
  method: string
  path: string
  headers: Record<string, string>
  /** When it came, by `Date.now()`. */
  at: number
}

/** Stands where the reporter would: serves the built probe, keeps the reports that come, and answers as it is told. */
export interface Collector {
  url: string
  /** Every report, also those that were not answered with 200, in the order they came. */
  reports: (Report & { receivedAt: number })[]
  requests: Request[]
  /** What is answered to the reports of a token, in place of `reply`. */
  replies: Map<string, (report: Report) => Reply>
  /** What is answered to reports; may be changed at any time. @default the answer of a healthy attempt */
  reply: (report: Report) => Reply
  /** Refuses connections from now on, as a reporter that is down, until `listen` opens the same port again. */
  hangUp(): Promise<void>
  listen(): Promise<void>
  close(): Promise<void>
}

export const ANSWER: ReportAnswer = {
  sid: 'sid1',
  attempt: 1,
  current: true,
  interval: 10,
  expect: [],
  media: [],
}

const DIST = new URL('.', import.meta.resolve('@stillrolling/probe/probe.iife.js'))

export const startCollector = async (): Promise<Collector> => {
  let server: Server | undefined
  let port = 0

  const app = new Hono()
    .use(async (c, next) => {
      const { method, path } = c.req
      collector.requests.push({ method, path, headers: c.req.header(), at: Date.now() })
      await next()
    })
    .use(cors({ origin: '*', exposeHeaders: ['Retry-After'] }))
    .post('/v1/reports', async (c) => {
      const report = JSON.parse(await c.req.text()) as Report
      collector.reports.push({ ...report, receivedAt: Date.now() })
      const reply = (collector.replies.get(report.token) ?? collector.reply)(report)
      if (reply === 'hang') return new Promise<Response>(() => {})
      if (!('status' in reply)) return c.json({ ...ANSWER, ...reply })
      const headers: Record<string, string> =
        reply.retryAfter === undefined ? {} : { 'retry-after': `${reply.retryAfter}` }
      return new Response('{}', { status: reply.status, headers })
    })
    .get('/:file{probe.*\\.js}', async (c) => {
      const file = c.req.param('file') === 'probe.js' ? 'probe.iife.js' : c.req.param('file')
      return c.body(await readFile(new URL(file, DIST)), 200, { 'content-type': 'text/javascript' })
    })

  const collector: Collector = {
    url: '',
    reports: [],
    requests: [],
    replies: new Map(),
    reply: () => ({}),
    listen: () =>
      new Promise((resolve, reject) => {
        server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, (address: AddressInfo) => {
          port = address.port
          collector.url = `http://127.0.0.1:${port}`
          resolve()
        }) as Server
        server.once('error', reject)
      }),
    hangUp: () =>
      new Promise((resolve) => {
        server?.close(() => resolve())
        if (server && 'closeAllConnections' in server) (server.closeAllConnections as () => void)()
      }),
    close: () => collector.hangUp(),
  }
  await collector.listen()
  return collector
}
