import type { Logger } from 'pino'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { AttemptId } from '../token.ts'
import { Problem } from './problem.ts'
import { createCounterOf, take } from './rateLimits.ts'

/** How many reports are taken within `seconds`. */
export interface ReportLimits {
  seconds: number
  /** Of one attempt. A page sends one a second at most, and up to 32 together after an outage. */
  reports: number
  /** Documents of one attempt that have not reported before. A page that reloads in a loop opens about one a second. */
  documents: number
  /** New notes of one attempt. A page that calls `note()` all the time sends one a second. */
  notes: number
  /** Reports of one address whose token is not valid. Valid ones are never counted there, because pages share addresses. */
  refusals: number
}

export const REPORT_LIMITS: ReportLimits = {
  seconds: 10,
  reports: 60,
  documents: 15,
  notes: 15,
  refusals: 60,
}

/**
 * Limits what leaked and forged tokens can cause. Each `take…` counts one, and throws a 429 once the limit is exceeded, with
 * a `Retry-After` after which the probe sends the report again.
 */
export interface ReportLimiter {
  takeReport(attempt: AttemptId): Promise<void>
  takeDocument(attempt: AttemptId): Promise<void>
  takeNote(attempt: AttemptId): Promise<void>
  /** @param address undefined if it is not known */
  takeRefusal(address: string | undefined): Promise<void>
}

/** Seconds between two lines of the log about one attempt. */
const LOG_INTERVAL = 60

/**
 * Keys of attempts are bounded as well, because their tokens have been signed by us. Counters live for `seconds`. They are
 * in the memory of this process, as the recordings are.
 */
export const createReportLimiter = (
  { seconds, reports, documents, notes, refusals }: ReportLimits,
  log: Pick<Logger, 'warn'>,
): ReportLimiter => {
  const limiterOf = (points: number, duration = seconds) => new RateLimiterMemory({ points, duration })
  const limiters = {
    reports: limiterOf(reports),
    documents: limiterOf(documents),
    notes: limiterOf(notes),
    refusals: limiterOf(refusals),
    log: limiterOf(1, LOG_INTERVAL),
  }
  const counterOf = createCounterOf()

  const takeOf = async (
    kind: 'reports' | 'documents' | 'notes',
    { recordingId, attempt, nonce }: AttemptId,
  ): Promise<void> => {
    // With the nonce: a token from an earlier life of the id must not use up what the attempt of today may send.
    const key = `${recordingId}-${attempt}-${nonce}`
    const excess = await take(limiters[kind], key)
    if (excess === undefined) return
    const limit = `${{ reports, documents, notes }[kind]} ${kind} in ${seconds} s`
    if ((await take(limiters.log, `${kind} ${key}`)) === undefined) {
      const what = `Attempt ${attempt} exceeds the limit of ${limit}, and is answered 429`
      log.warn(
        { recordingId, attempt },
        `${what}. If somebody else sends with its token, restart the recording`,
      )
    }
    throw tooMany(`The limit is ${limit} for each attempt. Send this one again later.`, excess)
  }

  return {
    takeReport: (attempt) => takeOf('reports', attempt),
    takeDocument: (attempt) => takeOf('documents', attempt),
    takeNote: (attempt) => takeOf('notes', attempt),
    takeRefusal: async (address) => {
      const excess = await take(limiters.refusals, counterOf(address ?? ''))
      if (excess === undefined) return
      throw tooMany('Too many reports with tokens that are not valid have come from this address.', excess)
    },
  }
}

const tooMany = (detail: string, retryAfter: number): Problem =>
  new Problem('too_many_reports', detail, { headers: { 'retry-after': String(retryAfter) } })
