import type { Report, ReportAnswer } from '../types.ts'

export const ANSWER: ReportAnswer = {
  sid: 'sid1',
  attempt: 1,
  current: true,
  interval: 10,
  expect: [],
  media: [],
}

/** The reporter's types of problems by their status, as its `http/problem.ts` forms them. */
const PROBLEMS: Record<number, string> = {
  400: 'malformed-request',
  401: 'not-authorized',
  404: 'not-found',
  409: 'conflict',
  410: 'gone',
  413: 'too-large',
  500: 'internal-error',
  503: 'unavailable',
}

/** A problem document of the reporter. */
export const problem = (status: number): { type: string; status: number; detail: string } => ({
  type: `urn:stillrolling:problem:${PROBLEMS[status] ?? 'error'}`,
  status,
  detail: `detail of ${status}`,
})

/** A number is a problem of the reporter; `proxy` is a status with which something else answers. */
type Reply =
  | Partial<ReportAnswer>
  | number
  | { proxy: number; body?: string; retryAfter?: string }
  | 'offline'
  | 'hang'

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
      if (typeof reply === 'number') return Response.json(problem(reply), { status: reply })
      if ('proxy' in reply) {
        const { proxy: status, body = '<h1>proxy</h1>', retryAfter } = reply
        return new Response(body, { status, headers: retryAfter ? { 'retry-after': retryAfter } : {} })
      }
      reporter.kept.push(report)
      return Response.json({ ...ANSWER, ...reply })
    },
  }
  return reporter
}
