import type { Report, ReportAnswer } from '../types.ts'

export const ANSWER: ReportAnswer = {
  sid: 'sid1',
  attempt: 1,
  current: true,
  interval: 10,
  expect: [],
  media: [],
}

type Reply = Partial<ReportAnswer> | number | { status: number; retryAfter: string } | 'offline' | 'hang'

/** A reporter behind an injected `fetch`: collects reports, and replies as the test says. */
export interface FakeReporter {
  fetch: typeof fetch
  /** The report of every request, also of those that were not answered with 200. */
  received: Report[]
  /** Reports that were answered with 200. */
  kept: Report[]
  requests: RequestInit[]
  /** Types of `kept`, for short comparisons. */
  readonly types: string[]
  /** The next replies, in order; after them `always`. */
  next: Reply[]
  always: Reply
}

export const fakeReporter = (): FakeReporter => {
  const reporter: FakeReporter = {
    received: [],
    kept: [],
    requests: [],
    get types() {
      return reporter.kept.map((report) => report.type)
    },
    next: [],
    always: {},
    async fetch(_url, init = {}) {
      const report: Report = JSON.parse(String(init.body))
      reporter.received.push(report)
      reporter.requests.push(init)
      const reply = reporter.next.shift() ?? reporter.always
      if (reply === 'offline') throw new TypeError('Failed to fetch')
      if (reply === 'hang') {
        return new Promise((_, reject) => {
          init.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
        })
      }
      if (typeof reply === 'number') return new Response('{}', { status: reply })
      if ('status' in reply) {
        return new Response('{}', { status: reply.status, headers: { 'retry-after': reply.retryAfter } })
      }
      reporter.kept.push(report)
      return Response.json({ ...ANSWER, ...reply })
    },
  }
  return reporter
}
