import type { ProbeEnvironment } from '../environment.ts'
import { natives } from '../natives.ts'
import type { Report } from '../types.ts'
import { retryDelay } from './backoff.ts'
import { type Draft, enqueue, type QueuedReport, requeue } from './outbox.ts'
import { type Verdict, verdictOf } from './outcome.ts'

/** A request is aborted and retried after this time, which includes reading the answer's body. */
export const REQUEST_TIMEOUT_MS = 10_000

/** The result of one request. After `superseded` and `refused` the sender has stopped. */
export interface Delivery extends Verdict {
  report: Report
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
  /** Adds the page's own data to the next report that is sent, until one with it is accepted. */
  note(data: unknown): void
  /** Ends the wait for a retry. */
  retryNow(): void
  stop(): void
}

/**
 * Delivers reports one request at a time, which keeps them in order.
 *
 * @param serialise the body of a report
 */
export const createSender = (
  url: string,
  { fetch, beacon, clock, random }: Pick<ProbeEnvironment, 'fetch' | 'beacon' | 'clock' | 'random'>,
  serialise: (report: Report) => string,
  onDelivery: (delivery: Delivery) => void,
): Sender => {
  /** Oldest first, without the report that is being sent. */
  let queue: QueuedReport[] = []
  /** `seq` of the last accepted report: those between it and the next one were dropped. */
  let acceptedSeq = 0
  let sid: string | undefined
  let note: unknown
  let failures = 0
  /** Of the last response, while its retry is awaited: the reporter itself set the delay. */
  let retryAfter: string | null = null
  let abortRequest: (() => void) | undefined
  let retryTimer: number | undefined
  let stopped = false

  const complete = (draft: Draft): Report => ({
    ...draft,
    sid,
    missed: draft.seq - acceptedSeq - 1,
    note,
  })

  /**
   * Sends a report, and returns the body of the response as JSON; undefined if there is none.
   *
   * The report is a string, sent as `text/plain`, so that the request needs no CORS preflight.
   */
  const post = async (report: Report): Promise<unknown> => {
    const controller = new natives.AbortController.type()
    abortRequest = () => controller.abort()
    const timer = clock.setTimeout(abortRequest, REQUEST_TIMEOUT_MS)
    retryAfter = null
    try {
      const response = await fetch(url, {
        // @ts-expect-error Without a prototype, which a page may have extended.
        __proto__: null,
        method: 'POST',
        body: serialise(report),
        credentials: 'omit',
        // All keepalive requests of a page share 64 KiB (https://github.com/whatwg/fetch/pull/419). If the page has used
        // them up, this request fails, and the retry is sent without `keepalive`.
        keepalive: !failures,
        signal: controller.signal,
      })
      retryAfter = response.headers.get('retry-after')
      return await response.json()
    } catch {
      // No connection, blocked by a policy, timed out, or a body that is not JSON.
    } finally {
      abortRequest = undefined
      clock.clearTimeout(timer)
    }
  }

  const sendNext = async (): Promise<void> => {
    const [next, ...rest] = queue
    if (stopped || abortRequest || retryTimer !== undefined || !next) return
    queue = rest
    const report = complete(next.draft)
    const body = await post(report)
    if (!stopped) handleResponse(next, report, body)
  }

  const handleResponse = (queued: QueuedReport, report: Report, body: unknown): void => {
    const verdict = verdictOf(body)
    const { outcome, answer } = verdict
    if (answer) {
      failures = 0
      acceptedSeq = report.seq
      sid = answer.sid ?? sid
      // The page may have set another one meanwhile.
      if (note === report.note) note = undefined
    }
    if (outcome === 'superseded' || outcome === 'refused') stop()
    else if (!answer) {
      queue = requeue(queue, queued)
      // Without a sid there is nothing to drop, and an immediate retry would loop forever.
      if (outcome === 'dropSid' && report.sid) sid = undefined
      else waitForRetry()
    }
    onDelivery({ report, ...verdict })
    sendNext()
  }

  const waitForRetry = (): void => {
    retryTimer = clock.setTimeout(retryNow, retryDelay(++failures, random(), retryAfter))
  }

  const retryNow = (): void => {
    clock.clearTimeout(retryTimer)
    retryTimer = undefined
    retryAfter = null
    sendNext()
  }

  const stop = (): void => {
    stopped = true
    abortRequest?.()
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
      if (report.keep || retryAfter) sendNext()
      else retryNow()
    },
    sendLast(draft) {
      // A string: a beacon with a JSON type needs a preflight, for which an unloading document is too late.
      if (!stopped) beacon(url, serialise(complete(draft)))
    },
    note(data) {
      note = data
    },
    retryNow,
    stop,
  }
}
