import type { EmulatorClock } from '../types.ts'

export interface FakeClock extends EmulatorClock {
  /** Advances by `seconds` and runs the timers that fall due, in order. After each, pending promises are resolved. */
  advance(seconds: number): Promise<void>
}

/** A clock that advances only when `advance` is called. */
export const fakeClock = (start: number = Date.UTC(2026, 0, 1)): FakeClock => {
  let now = start
  const timers = new Set<{ at: number; run: () => void }>()

  const flushPromises = () => new Promise<void>((resolve) => setImmediate(resolve))
  const nextDue = (until: number) =>
    [...timers].filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0]

  return {
    now: () => now,
    after: (delayMs, run) => {
      const timer = { at: now + delayMs, run }
      timers.add(timer)
      return () => {
        timers.delete(timer)
      }
    },
    advance: async (seconds) => {
      const until = now + seconds * 1000
      await flushPromises()
      for (let timer = nextDue(until); timer; timer = nextDue(until)) {
        timers.delete(timer)
        now = Math.max(now, timer.at)
        timer.run()
        await flushPromises()
      }
      now = until
    },
  }
}
