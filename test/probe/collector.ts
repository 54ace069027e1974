import { readFile } from 'node:fs/promises'
import type { AddressInfo, Server } from 'node:net'
import { serve } from '@hono/node-server'
import type { Report, ReportAnswer } from '@stillrolling/probe/types'
import { Hono } from 'hono'
import { cors } from 'hono/cors'

/**
 * Reply to a report: an answer, a problem of the reporter by its type, what something else answers in its place, each
 * with an optional `Retry-After` in seconds; or none at all.
 */
export type Reply =
  | Partial<ReportAnswer>
  | { status: number; problem: string; retryAfter?: number }
  | { status: number; body: string; retryAfter?: number }
  | 'hang'

/** A request as it reached the collector. */
export interface Request {
  method: string
  path: string
  headers: Record<string, string>
  /** When it arrived, by `Date.now()`. */
  at: number
}

/** Replaces the reporter: serves the built probe, collects reports, and replies as the test says. */
export interface Collector {
  url: string
  /** Every report in the order of arrival, also those that were not accepted. */
  reports: (Report & { receivedAt: number })[]
  requests: Request[]
  /** Replies to the reports of a token, instead of `reply`. */
  replies: Map<string, (report: Report) => Reply>
  /** Reply to reports; may be changed at any time. @default the answer for a healthy attempt */
  reply: (report: Report) => Reply
  /** Refuses connections, like a reporter that is down, until `listen` opens the same port again. */
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
      const type = 'problem' in reply ? `urn:stillrolling:problem:${reply.problem}` : ''
      const body = 'body' in reply ? reply.body : JSON.stringify({ type, status: reply.status, detail: 'no' })
      return new Response(body, { status: reply.status, headers })
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
