import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../clock.ts'

/**
 * A clock whose sleeps end as soon as all promises wait: it records them and moves its time on. A sleep that is aborted
 * by then leaves no trace.
 */
export type FakeClock = Clock & {
  /** Every sleep so far, in milliseconds. */
  readonly sleeps: readonly number[]
}

/** @param onSleep called before each sleep ends; it may abort a signal */
export const fakeClock = (onSleep: (ms: number) => void = () => {}): FakeClock => {
  const sleeps: number[] = []
  let time = Date.UTC(2026, 0, 1)
  return {
    sleeps,
    now: () => time,
    sleep: async (ms, signal) => {
      onSleep(ms)
      signal?.throwIfAborted()
      await setImmediate()
      signal?.throwIfAborted()
      sleeps.push(ms)
      time += ms
    },
  }
}
