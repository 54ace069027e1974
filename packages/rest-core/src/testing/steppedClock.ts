import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../clock.ts'

/** A clock that stands still until `advance` is called. */
export type SteppedClock = Clock & {
  /** Moves on by `ms`. Each sleep ends at its own time, and what it triggers runs before the next one ends. */
  advance(ms: number): Promise<void>
  /** Number of pending sleeps; with 0, nothing would keep a process alive. */
  sleeping(): number
}

interface Sleeper {
  until: number
  wake(): void
}

/** @param start the time in milliseconds before the first `advance` */
export const steppedClock = (start = 0): SteppedClock => {
  let time = start
  const sleeping = new Set<Sleeper>()
  const due = (end: number): Sleeper | undefined =>
    [...sleeping].filter(({ until }) => until <= end).toSorted((a, b) => a.until - b.until)[0]
  return {
    now: () => time,
    sleeping: () => sleeping.size,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const done = (settlePromise: () => void): void => {
          sleeping.delete(sleeper)
          signal?.removeEventListener('abort', abort)
          settlePromise()
        }
        const abort = (): void => done(() => reject(signal?.reason))
        const sleeper = { until: time + ms, wake: () => done(resolve) }
        signal?.addEventListener('abort', abort)
        sleeping.add(sleeper)
      }),
    advance: async (ms) => {
      const end = time + ms
      await setImmediate()
      for (let next = due(end); next !== undefined; next = due(end)) {
        time = Math.max(time, next.until)
        next.wake()
        await setImmediate()
      }
      time = end
    },
  }
}
