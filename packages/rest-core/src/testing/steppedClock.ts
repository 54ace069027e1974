import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../clock.ts'

/** A clock that stands until it is told to go on. */
export type SteppedClock = Clock & {
  /** Goes on by `ms`, ending each sleep at its own moment and letting what follows from it happen. */
  advance(ms: number): Promise<void>
  /** How many sleep: 0 means that nothing would keep a process alive. */
  sleepers(): number
}

interface Sleeper {
  until: number
  wake(): void
}

/** @param start milliseconds; what it says first */
export const steppedClock = (start = 0): SteppedClock => {
  let time = start
  const sleeping = new Set<Sleeper>()
  const due = (end: number): Sleeper | undefined =>
    [...sleeping].filter(({ until }) => until <= end).toSorted((a, b) => a.until - b.until)[0]
  return {
    now: () => time,
    sleepers: () => sleeping.size,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const done = (settle: () => void): void => {
          sleeping.delete(sleeper)
          signal?.removeEventListener('abort', abort)
          settle()
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
