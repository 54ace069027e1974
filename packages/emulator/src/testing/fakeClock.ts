import type { EmulatorClock } from '../types.ts'

export interface FakeClock extends EmulatorClock {
  /** Lets `seconds` pass, running what falls due in its order. Between two runs pending promises settle. */
  pass(seconds: number): Promise<void>
}

/** A clock that stands still until told to move. */
export const fakeClock = (start: number = Date.UTC(2026, 0, 1)): FakeClock => {
  let now = start
  const timers = new Set<{ at: number; run: () => void }>()

  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
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
    pass: async (seconds) => {
      const until = now + seconds * 1000
      await settle()
      for (let timer = nextDue(until); timer; timer = nextDue(until)) {
        timers.delete(timer)
        now = Math.max(now, timer.at)
        timer.run()
        await settle()
      }
      now = until
    },
  }
}
