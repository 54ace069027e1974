import { StillrollingError } from './errors.ts'
import { mayRetry, retryDelayMs } from './retry.ts'
import { sleep } from './sleep.ts'
import { type Sent, type TryOptions, tryOnce } from './tryOnce.ts'
import type { CallOptions } from './types.ts'

/** What a client is created with. */
export interface ClientOptions extends CallOptions {
  /** The reporter's address, as `https://reporter.example.com`. */
  url: string
  /** Absent: the reporter is on this machine, and has no key configured. */
  apiKey?: string
  /** @default the global one */
  fetch?: typeof fetch
  /**
   * Ends all calls, and lists and events that are being read.
   */
  signal?: AbortSignal
  /** How often a request is sent again at most. @default 3 */
  retries?: number
  /** Seconds for one try. @default 30 */
  timeout?: number
}

export interface Call<Result> extends Pick<TryOptions<Result>, 'read' | 'accepts' | 'signal'> {
  sent: Sent
  idempotent: boolean
  options?: Pick<CallOptions, 'retries' | 'timeout'>
}

/** @throws {StillrollingError} or the reason of the signal */
export type Perform = <Result>(call: Call<Result>) => Promise<Result>

const DEFAULT_RETRIES = 3
const DEFAULT_TIMEOUT = 30

/** Sends requests, and sends them again where that is safe. */
export const createPerform = (client: ClientOptions): Perform => {
  const url = checkedUrl(client.url)
  const authorization: Record<string, string> =
    client.apiKey === undefined ? {} : { authorization: `Bearer ${client.apiKey}` }
  return async ({ sent, idempotent, options = {}, signal, read, accepts }) => {
    const { retries = client.retries ?? DEFAULT_RETRIES } = options
    const { timeout = client.timeout ?? DEFAULT_TIMEOUT } = options
    const { fetch = globalThis.fetch } = client
    const request = { ...sent, headers: { ...authorization, ...sent.headers } }
    for (let retry = 1; ; retry += 1) {
      try {
        return await tryOnce(request, { url, fetch, timeout, signal, read, accepts })
      } catch (error) {
        const isFinal =
          !(error instanceof StillrollingError) || retry > retries || !mayRetry(error, idempotent)
        if (isFinal) throw error
        await sleep(retryDelayMs(retry, error.retryAfter, Math.random()), signal)
      }
    }
  }
}

/** Without a slash at its end. @throws {TypeError} */
const checkedUrl = (url: string): string => {
  const isUsable = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
  if (!isUsable)
    throw new TypeError(`url must be the http or https address of a reporter, and is ${JSON.stringify(url)}.`)
  return url.replace(/\/+$/, '')
}
