import { setTimeout as timer } from 'node:timers/promises'

/** Time as the client sees it. Inject another one in tests; the client never reads the time elsewhere. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await timer(ms, undefined, { signal })
    } catch (error) {
      // node:timers wraps the reason in an AbortError of its own; callers compare with the signal's.
      throw signal?.aborted ? signal.reason : error
    }
  },
}
