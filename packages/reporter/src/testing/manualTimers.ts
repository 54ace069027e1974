import type { After, Every } from '../runtime/clock.ts'

/** Timers that run only when a test says so. */
export interface ManualTimers {
  after: After
  every: Every
  /** Milliseconds so far. */
  elapsed(): number
  /** Advances the time, and runs each timer that falls due at its moment. */
  advance(ms: number): void
  /** How many timers are set. */
  count(): number
}

interface Timer {
  at: number
  run: () => void
}

export const createManualTimers = (): ManualTimers => {
  const timers = new Set<Timer>()
  let now = 0
  const set = (at: number, run: () => void): (() => void) => {
    const timer = { at, run }
    timers.add(timer)
    return () => void timers.delete(timer)
  }
  const next = (until: number): Timer | undefined =>
    [...timers].filter(({ at }) => at <= until).toSorted((one, other) => one.at - other.at)[0]
  return {
    after: (ms, job) => set(now + ms, job),
    every: (ms, job) => {
      let cancel = (): void => {}
      const repeat = (): void => {
        cancel = set(now + ms, () => {
          repeat()
          job()
        })
      }
      repeat()
      return () => cancel()
    },
    elapsed: () => now,
    advance: (ms) => {
      const until = now + ms
      for (let timer = next(until); timer; timer = next(until)) {
        timers.delete(timer)
        now = timer.at
        timer.run()
      }
      now = until
    },
    count: () => timers.size,
  }
}
