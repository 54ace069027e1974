import type { ProbeEnvironment } from '../environment.ts'
import type { Report, ReportAnswer } from '../types.ts'
import { parseAnswer } from './answer.ts'
import { retryDelay } from './backoff.ts'
import { fit } from './fit.ts'
import { add, type Draft, EMPTY_OUTBOX, type Letter, type Outbox, putBack } from './outbox.ts'
import { type Outcome, outcomeOf } from './outcome.ts'

/** A request that takes longer, its answer's body included, is given up and sent again. */
export const REQUEST_TIMEOUT_MS = 10_000

/** What the sender tells the probe. */
export interface SenderEvents {
  /** The reporter has kept a report. */
  onKept(report: Report, answer: ReportAnswer): void
  /** A try has failed; the report will be sent again. */
  onFailed(): void
  onSuperseded(): void
  /** The reporter will not take any report of this document. */
  onRefused(status: number): void
}

export interface Sender {
  /** The recording's sid, as far as it is known. */
  readonly sid: string | undefined
  /**
   * @param keep must arrive, in order; otherwise a newer report may take its place. Such a beat also ends a wait for
   *   the next try, unless the reporter asked for the wait: backing off further than the interval would make a page
   *   silent for longer than the reporter tolerates, after a reporter that was away for a while is back.
   */
  send(draft: Draft, keep: boolean): void
  /** Sends once and without an answer, past everything that waits: for a document that goes away. */
  sendLast(draft: Draft): void
  /** Sends again at once what waits for its next try. */
  wake(): void
  stop(): void
}

/** What came of one request. */
interface Result {
  outcome: Outcome
  status: number
  retryAfter: string | null
  answer?: ReportAnswer
}

/** Delivers reports one after the other: one request at a time keeps them in order. */
export const createSender = (
  url: string,
  { fetch, beacon, clock, random }: Pick<ProbeEnvironment, 'fetch' | 'beacon' | 'clock' | 'random'>,
  events: SenderEvents,
): Sender => {
  let outbox: Outbox = EMPTY_OUTBOX
  let sid: string | undefined
  let failures = 0
  let underWay: AbortController | undefined
  let retryTimer: number | undefined
  /** The reporter itself said when to come again. */
  let askedToWait = false
  let stopped = false

  const complete = (draft: Draft): Report => ({ ...draft, ...(sid && { sid }), missed: outbox.missed })

  /** A string as the body is sent as `text/plain`: the request stays simple, and no preflight goes before it. */
  const post = async (report: Report, abort: AbortController): Promise<Result> => {
    const timer = clock.setTimeout(() => abort.abort(), REQUEST_TIMEOUT_MS)
    try {
      const response = await fetch(url, {
        method: 'POST',
        body: fit(report),
        credentials: 'omit',
        keepalive: true,
        signal: abort.signal,
      })
      const { status } = response
      const outcome = outcomeOf(status)
      const retryAfter = response.headers.get('retry-after')
      if (outcome !== 'kept') return { outcome, status, retryAfter }
      const answer = parseAnswer(await response.json())
      return { outcome: answer ? 'kept' : 'again', status, retryAfter, answer }
    } catch {
      // No connection, blocked by a policy, timed out, or an answer that is not JSON.
      return { outcome: 'again', status: 0, retryAfter: null }
    } finally {
      clock.clearTimeout(timer)
    }
  }

  const pump = async (): Promise<void> => {
    const [letter, ...waiting] = outbox.waiting
    if (stopped || underWay || retryTimer !== undefined || !letter) return
    outbox = { ...outbox, waiting }
    const report = complete(letter.draft)
    underWay = new AbortController()
    const result = await post(report, underWay)
    underWay = undefined
    if (!stopped) settle(letter, report, result)
  }

  const settle = (letter: Letter, report: Report, { outcome, status, retryAfter, answer }: Result): void => {
    if (answer) {
      failures = 0
      outbox = { ...outbox, missed: outbox.missed - report.missed }
      sid = answer.sid ?? sid
      events.onKept(report, answer)
      if (!answer.current) outcome = 'superseded'
    }
    if (outcome === 'superseded' || outcome === 'refused') {
      stop()
      if (outcome === 'superseded') events.onSuperseded()
      else events.onRefused(status)
      return
    }
    if (!answer) {
      outbox = putBack(outbox, letter)
      // Without a sid there is nothing to drop, and asking again at once would never end.
      if (outcome === 'relearn' && report.sid) sid = undefined
      else waitForRetry(retryAfter)
    }
    pump()
  }

  const waitForRetry = (retryAfter: string | null): void => {
    askedToWait = retryAfter !== null
    retryTimer = clock.setTimeout(wake, retryDelay(++failures, retryAfter, random()))
    events.onFailed()
  }

  const wake = (): void => {
    clock.clearTimeout(retryTimer ?? 0)
    retryTimer = undefined
    askedToWait = false
    pump()
  }

  const stop = (): void => {
    stopped = true
    underWay?.abort()
    clock.clearTimeout(retryTimer ?? 0)
    outbox = EMPTY_OUTBOX
  }

  return {
    get sid() {
      return sid
    },
    send(draft, keep) {
      if (stopped) return
      outbox = add(outbox, { draft, keep })
      if (keep || askedToWait) pump()
      else wake()
    },
    sendLast(draft) {
      // A plain string: a beacon with a JSON type asks for a preflight that nobody answers any more.
      if (!stopped) beacon(url, fit(complete(draft)))
    },
    wake,
    stop,
  }
}
