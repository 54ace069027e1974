import { createSleep } from '../createSleep.ts'
import { createTimerQueue } from '../timerQueue.ts'

/** One time for the reporter, its client and the emulator. It advances only when a test says so. */
export interface VirtualTime {
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds since this time was created. */
  elapsed(): number
  /** Runs `run` once, after `delayMs`. Returns a function that cancels it. */
  after(delayMs: number, run: () => void): () => void
  /** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Advances to a moment and runs the timers that fall due, in order. After each, what it has caused is awaited. */
  advanceTo(moment: number, settle: () => Promise<void>): Promise<void>
}

/** @param startsAt milliseconds since the epoch */
export const createVirtualTime = (startsAt: number): VirtualTime => {
  let now = startsAt
  const timers = createTimerQueue()
  const after: VirtualTime['after'] = (delayMs, run) => timers.add(now + delayMs, run)
  return {
    now: () => now,
    elapsed: () => now - startsAt,
    after,
    sleep: createSleep(after),
    advanceTo: async (moment, settle) => {
      for (let timer = timers.take(moment); timer; timer = timers.take(moment)) {
        now = Math.max(now, timer.at)
        timer.run()
        await settle()
      }
      now = moment
    },
  }
}
