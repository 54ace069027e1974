import type { ProbeEnvironment } from '../environment.ts'
import type { Report, ReportAnswer } from '../types.ts'
import { parseAnswer } from './answer.ts'
import { retryDelay } from './backoff.ts'
import { fit } from './fit.ts'
import { add, type Draft, type Letter, putBack } from './outbox.ts'
import { outcomeOf } from './outcome.ts'

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

/** What came of one request; status 0 where there was no answer that can be understood. */
interface Result {
  status: number
  retryAfter?: string | null
  answer?: ReportAnswer
}

/** Delivers reports one after the other: one request at a time keeps them in order. */
export const createSender = (
  url: string,
  { fetch, beacon, clock, random }: Pick<ProbeEnvironment, 'fetch' | 'beacon' | 'clock' | 'random'>,
  events: SenderEvents,
): Sender => {
  /** Oldest first, without the one that is under way. */
  let waiting: Letter[] = []
  /** The number of the last report that arrived: those between it and the next one were given up. */
  let arrived = 0
  let sid: string | undefined
  let failures = 0
  let underWay: AbortController | undefined
  let retryTimer: number | undefined
  /** The reporter itself said when to come again. */
  let askedToWait = false
  let stopped = false

  const complete = (draft: Draft): Report => ({ ...draft, sid, missed: draft.seq - arrived - 1 })

  /** A string as the body is sent as `text/plain`: the request stays simple, and no preflight goes before it. */
  const post = async (report: Report, abort: AbortController): Promise<Result> => {
    const timer = clock.setTimeout(() => abort.abort(), REQUEST_TIMEOUT_MS)
    try {
      const response = await fetch(url, {
        method: 'POST',
        body: fit(report),
        credentials: 'omit',
        // All requests of a page that may outlive it share 64 KiB: where the page has used them up, it fails.
        keepalive: !failures,
        signal: abort.signal,
      })
      const { status } = response
      if (status !== 200) return { status, retryAfter: response.headers.get('retry-after') }
      const answer = parseAnswer(await response.json())
      return { status: answer ? status : 0, answer }
    } catch {
      // No connection, blocked by a policy, timed out, or an answer that is not JSON.
      return { status: 0 }
    } finally {
      clock.clearTimeout(timer)
    }
  }

  const pump = async (): Promise<void> => {
    const [letter] = waiting
    if (stopped || underWay || retryTimer !== undefined || !letter) return
    waiting = waiting.slice(1)
    const report = complete(letter.draft)
    underWay = new AbortController()
    const result = await post(report, underWay)
    underWay = undefined
    if (!stopped) settle(letter, report, result)
  }

  const settle = (letter: Letter, report: Report, { status, retryAfter = null, answer }: Result): void => {
    if (answer) {
      failures = 0
      arrived = report.seq
      sid = answer.sid ?? sid
      events.onKept(report, answer)
    }
    const outcome = answer?.current === false ? 'superseded' : outcomeOf(status)
    if (outcome === 'superseded' || outcome === 'refused') {
      stop()
      if (outcome === 'superseded') events.onSuperseded()
      else events.onRefused(status)
      return
    }
    if (!answer) {
      waiting = putBack(waiting, letter)
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
    clock.clearTimeout(retryTimer)
    retryTimer = undefined
    askedToWait = false
    pump()
  }

  const stop = (): void => {
    stopped = true
    underWay?.abort()
    clock.clearTimeout(retryTimer)
    waiting = []
  }

  return {
    get sid() {
      return sid
    },
    send(draft, keep) {
      if (stopped) return
      waiting = add(waiting, { draft, keep })
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
