import { setTimeout as timer } from 'node:timers/promises'

/** The client's only source of time, apart from request timeouts. Inject another one in tests. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await timer(ms, undefined, { signal })
    } catch (error) {
      // node:timers wraps the reason in its own AbortError, but callers compare with the signal's reason.
      throw signal?.aborted ? signal.reason : error
    }
  },
}
