import type { EmulatorClock } from './types.ts'

/** `setTimeout` takes about 24.8 days; after a longer delay it would run immediately. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1

/** The clock of the machine. */
export const systemClock: EmulatorClock = {
  now: () => Date.now(),
  after: (delayMs, run) => {
    let timer: NodeJS.Timeout
    const arm = (leftMs: number): void => {
      const partMs = Math.min(leftMs, MAX_TIMEOUT_MS)
      timer = setTimeout(() => (leftMs > partMs ? arm(leftMs - partMs) : run()), partMs)
    }
    arm(delayMs)
    return () => clearTimeout(timer)
  },
}

/** Resolves after `delayMs` on the clock, or as soon as `signal` aborts. */
export const sleep = (clock: EmulatorClock, delayMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.after(delayMs, done)
    signal.addEventListener('abort', done)
  })

/** Resolves when `signal` aborts. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
