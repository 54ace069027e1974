import type { ProbeEnvironment } from '../environment.ts'
import type { Report, ReportAnswer } from '../types.ts'
import { parseAnswer } from './answer.ts'
import { retryDelay } from './backoff.ts'
import { fitReport } from './fitReport.ts'
import { type Draft, enqueue, type QueuedReport, requeue } from './outbox.ts'
import { type Outcome, outcomeOf } from './outcome.ts'

/** A request is aborted and retried after this time, which includes reading the answer's body. */
export const REQUEST_TIMEOUT_MS = 10_000

/** The result of one request. After `superseded` and `refused` the sender has stopped. */
export interface Delivery {
  outcome: Outcome
  /** 0 without a response. */
  httpStatus: number
  report: Report
  answer: ReportAnswer | undefined
}

export interface Sender {
  /** The recording's sid, if known. */
  readonly sid: string | undefined
  /**
   * Queues a report and sends it when its turn comes. A steady heartbeat also ends the wait for a retry, unless the
   * reporter asked for it (`Retry-After`): with a backoff beyond the heartbeat interval, a page would stay silent for
   * longer than the reporter tolerates once it is back.
   */
  send(report: QueuedReport): void
  /** Sends a report once, ahead of the queue and without an answer: for a document that is being unloaded. */
  sendLast(draft: Draft): void
  /** Ends the wait for a retry. */
  retryNow(): void
  stop(): void
}

interface Response {
  httpStatus: number
  retryAfter?: string | null
  answer?: ReportAnswer
}

/** Delivers reports one request at a time, which keeps them in order. */
export const createSender = (
  url: string,
  { fetch, beacon, clock, random }: Pick<ProbeEnvironment, 'fetch' | 'beacon' | 'clock' | 'random'>,
  onDelivery: (delivery: Delivery) => void,
): Sender => {
  /** Oldest first, without the report that is being sent. */
  let queue: QueuedReport[] = []
  /** `seq` of the last accepted report: those between it and the next one were dropped. */
  let acceptedSeq = 0
  let sid: string | undefined
  let failures = 0
  let request: AbortController | undefined
  let retryTimer: number | undefined
  /** The reporter itself set the delay before the retry. */
  let delayRequested = false
  let stopped = false

  const complete = (draft: Draft): Report => ({ ...draft, sid, missed: draft.seq - acceptedSeq - 1 })

  /** The body is a string, sent as `text/plain`, so that the request needs no CORS preflight. */
  const post = async (report: Report): Promise<Response> => {
    const abort = new AbortController()
    const timer = clock.setTimeout(() => abort.abort(), REQUEST_TIMEOUT_MS)
    request = abort
    try {
      const response = await fetch(url, {
        method: 'POST',
        body: fitReport(report),
        credentials: 'omit',
        // All keepalive requests of a page share 64 KiB (https://github.com/whatwg/fetch/pull/419). If the page has used
        // them up, this request fails, and the retry is sent without `keepalive`.
        keepalive: !failures,
        signal: abort.signal,
      })
      const httpStatus = response.status
      if (httpStatus !== 200) return { httpStatus, retryAfter: response.headers.get('retry-after') }
      return { httpStatus, answer: parseAnswer(await response.json()) }
    } catch {
      // No connection, blocked by a policy, timed out, or an answer that is not JSON.
      return { httpStatus: 0 }
    } finally {
      request = undefined
      clock.clearTimeout(timer)
    }
  }

  const sendNext = async (): Promise<void> => {
    const [next] = queue
    if (stopped || request || retryTimer !== undefined || !next) return
    queue = queue.slice(1)
    const report = complete(next.draft)
    const response = await post(report)
    if (!stopped) handleResponse(next, report, response)
  }

  const handleResponse = (
    queued: QueuedReport,
    report: Report,
    { httpStatus, retryAfter, answer }: Response,
  ): void => {
    const outcome = outcomeOf(httpStatus, answer)
    if (answer) {
      failures = 0
      acceptedSeq = report.seq
      sid = answer.sid ?? sid
    }
    if (outcome === 'superseded' || outcome === 'refused') stop()
    else if (!answer) {
      queue = requeue(queue, queued)
      // Without a sid there is nothing to drop, and an immediate retry would loop forever.
      if (outcome === 'dropSid' && report.sid) sid = undefined
      else waitForRetry(retryAfter)
    }
    onDelivery({ outcome, httpStatus, report, answer })
    sendNext()
  }

  const waitForRetry = (retryAfter: Response['retryAfter']): void => {
    delayRequested = Boolean(retryAfter)
    retryTimer = clock.setTimeout(retryNow, retryDelay(++failures, random(), retryAfter))
  }

  const retryNow = (): void => {
    clock.clearTimeout(retryTimer)
    retryTimer = undefined
    delayRequested = false
    sendNext()
  }

  const stop = (): void => {
    stopped = true
    request?.abort()
    clock.clearTimeout(retryTimer)
    queue = []
  }

  return {
    get sid() {
      return sid
    },
    send(report) {
      if (stopped) return
      queue = enqueue(queue, report)
      if (report.keep || delayRequested) sendNext()
      else retryNow()
    },
    sendLast(draft) {
      // A string: a beacon with a JSON type needs a preflight, for which an unloading document is too late.
      if (!stopped) beacon(url, fitReport(complete(draft)))
    },
    retryNow,
    stop,
  }
}
