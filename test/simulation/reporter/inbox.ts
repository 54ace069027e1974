import type { VirtualTime } from '../virtualTime.ts'
import type { Lifecycle } from './lifecycle.ts'

/**
 * `refused`: the process does not listen. `lost`: the process died or did not answer in time. `failed`: the job threw
 * an error, which the real reporter answers with 503.
 */
export type NoAnswer = 'refused' | 'lost' | 'failed'

/** What a client of the reporter waits for an answer, in milliseconds. */
const CLIENT_TIMEOUT_MS = 10_000

/** The requests that reach a process, in place of its HTTP server. */
export interface Inbox {
  request<T>(job: () => Promise<T>): Promise<T | NoAnswer>
  /** Requests are refused until then. */
  listen(): void
  /** Ends all requests that have no answer yet as lost. */
  abort(): void
}

export const createInbox = (time: VirtualTime, lifecycle: Lifecycle, onRequest: () => void): Inbox => {
  const inFlight = new Set<(value: 'lost') => void>()
  let listening = false
  return {
    listen: () => {
      listening = true
    },
    abort: () => {
      for (const end of inFlight) end('lost')
    },
    request: <T>(job: () => Promise<T>) => {
      if (!lifecycle.isAlive() || !listening) return Promise.resolve('refused')
      return new Promise<T | NoAnswer>((resolve) => {
        const end = (value: T | NoAnswer): void => {
          inFlight.delete(end)
          resolve(value)
        }
        inFlight.add(end)
        if (lifecycle.isSuspended()) time.after(CLIENT_TIMEOUT_MS, () => end('lost'))
        onRequest()
        lifecycle.deliver(() => void job().then(end, () => end('failed')))
      })
    },
  }
}
