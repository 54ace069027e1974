import type { Logger } from 'pino'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Caller } from './auth.ts'
import { Problem } from './problem.ts'
import { createCounterOf, take } from './rateLimits.ts'

/** How many requests of business servers are taken within `seconds`. */
export interface ApiLimits {
  seconds: number
  /** Of one key. */
  requests: number
  /** Of one address, with keys that are not accepted. Right keys are never counted there, because clients share addresses. */
  refusals: number
}

/** The configuration has the number of requests. */
export const API_LIMITS: Omit<ApiLimits, 'requests'> = { seconds: 60, refusals: 10 }

/** Each `take…` counts one, and throws a 429 with `Retry-After` once the limit is exceeded. */
export interface ApiLimiter {
  takeRequest(caller: Caller): Promise<void>
  /** @param address undefined if it is not known */
  takeRefusal(address: string | undefined): Promise<void>
}

/** Seconds between two lines of the log about one key, or about refusals. */
const LOG_INTERVAL = 60

/** The keys are ours, so their counters are bounded. All are in the memory of this process. */
export const createApiLimiter = (
  { seconds, requests, refusals }: ApiLimits,
  log: Pick<Logger, 'warn'>,
): ApiLimiter => {
  const limiters = {
    requests: new RateLimiterMemory({ points: requests, duration: seconds }),
    refusals: new RateLimiterMemory({ points: refusals, duration: seconds }),
    log: new RateLimiterMemory({ points: 1, duration: LOG_INTERVAL }),
  }
  const counterOf = createCounterOf()

  const warnOnce = async (key: string, fields: object, message: string): Promise<void> => {
    if ((await take(limiters.log, key)) === undefined) log.warn(fields, message)
  }

  return {
    takeRequest: async ({ id, name }) => {
      const excess = await take(limiters.requests, id)
      if (excess === undefined) return
      const limit = `${requests} requests in ${seconds} s`
      await warnOnce(id, { key: name }, `A key exceeds the limit of ${limit}, and is answered 429`)
      throw tooMany(`The limit is ${limit} for each key. Send the request again later.`, excess)
    },
    takeRefusal: async (address) => {
      const excess = await take(limiters.refusals, counterOf(address ?? ''))
      if (excess === undefined) return
      const limit = `${refusals} wrong API keys in ${seconds} s`
      await warnOnce('', { address }, `An address exceeds the limit of ${limit}, and is answered 429`)
      throw tooMany('Too many requests with wrong API keys have come from this address.', excess)
    },
  }
}

const tooMany = (detail: string, retryAfter: number): Problem =>
  new Problem('too_many_requests', detail, { headers: { 'retry-after': String(retryAfter) } })
