import { createHash, randomBytes } from 'node:crypto'
import { isIPv6 } from 'node:net'
import type { Logger } from 'pino'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { AttemptId } from '../token.ts'
import { Problem } from './problem.ts'

/** How many reports are taken within `seconds`. */
export interface ReportLimits {
  seconds: number
  /** Of one attempt. A page sends one a second at most, and up to 32 together after an outage. */
  reports: number
  /** Documents of one attempt that have not reported before. A page that reloads in a loop opens about one a second. */
  documents: number
  /** Reports of one address whose token is not valid. Valid ones are never counted there, because pages share addresses. */
  refusals: number
}

export const REPORT_LIMITS: ReportLimits = { seconds: 10, reports: 60, documents: 15, refusals: 60 }

/**
 * Limits what leaked and forged tokens can cause. Each `take…` counts one, and throws a 429 once the limit is exceeded, with
 * a `Retry-After` after which the probe sends the report again.
 */
export interface ReportLimiter {
  takeReport(attempt: AttemptId): Promise<void>
  takeDocument(attempt: AttemptId): Promise<void>
  /** @param address undefined if it is not known */
  takeRefusal(address: string | undefined): Promise<void>
}

/** Addresses are counted in so many counters, so that a stranger with many of them cannot fill the memory. */
const ADDRESS_COUNTERS = 16_384
/** Seconds between two lines of the log about one attempt. */
const LOG_INTERVAL = 60

/**
 * Keys of attempts are bounded as well, because their tokens have been signed by us. Counters live for `seconds`. They are
 * in the memory of this process, as the recordings are.
 */
export const createReportLimiter = (
  { seconds, reports, documents, refusals }: ReportLimits,
  log: Pick<Logger, 'warn'>,
): ReportLimiter => {
  const limiterOf = (points: number, duration = seconds) => new RateLimiterMemory({ points, duration })
  const limiters = {
    reports: limiterOf(reports),
    documents: limiterOf(documents),
    refusals: limiterOf(refusals),
    log: limiterOf(1, LOG_INTERVAL),
  }
  const counterOf = createCounterOf()

  const takeOf = async (
    kind: 'reports' | 'documents',
    { recordingId, attempt, nonce }: AttemptId,
  ): Promise<void> => {
    // With the nonce: a token from an earlier life of the id must not use up what the attempt of today may send.
    const key = `${recordingId}-${attempt}-${nonce}`
    const excess = await take(limiters[kind], key)
    if (excess === undefined) return
    const limit = `${kind === 'reports' ? reports : documents} ${kind} in ${seconds} s`
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
    takeRefusal: async (address) => {
      const excess = await take(limiters.refusals, counterOf(address ?? ''))
      if (excess === undefined) return
      throw tooMany('Too many reports with tokens that are not valid have come from this address.', excess)
    },
  }
}

/** @returns seconds until the next one is taken, if this one is not */
const take = async (limiter: RateLimiterMemory, key: string): Promise<number | undefined> => {
  try {
    await limiter.consume(key)
    return undefined
  } catch (excess) {
    if (excess instanceof RateLimiterRes) return Math.max(1, Math.ceil(excess.msBeforeNext / 1000))
    throw excess
  }
}

const tooMany = (detail: string, retryAfter: number): Problem =>
  new Problem('too_many_reports', detail, { headers: { 'retry-after': String(retryAfter) } })

/** A random salt keeps strangers from choosing addresses that share the counter of another. */
const createCounterOf = (): ((address: string) => string) => {
  const salt = randomBytes(16)
  return (address) => {
    const hash = createHash('sha256').update(salt).update(networkOf(address)).digest()
    return String(hash.readUInt32BE() % ADDRESS_COUNTERS)
  }
}

/** A client usually has a whole /64 of IPv6 (RFC 6177). */
const networkOf = (address: string): string => {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const after = tail ? tail.split(':') : []
  const zeros = tail === undefined ? 0 : 8 - groups.length - after.length
  const all = [...groups, ...Array<string>(Math.max(zeros, 0)).fill('0'), ...after]
  return all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16))
    .join(':')
}
