import type { EmulatorClock } from '@stillrolling/emulator'
import type { Clock } from '@stillrolling/rest-core'
import { createSleep } from '../createSleep.ts'
import { createTimerQueue } from '../timerQueue.ts'

/** The clock of client, emulator and network. Time passes only when nothing else is left to do. */
export type SimulatedTime = Clock &
  EmulatorClock & {
    /** Lets time pass until `work` is done. Rejects like `work`, or if no timer is left that could end it. */
    run<Result>(work: Promise<Result>): Promise<Result>
  }

/** Resolves after all pending promise callbacks have run. */
const flush = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export const createSimulatedTime = (start: number = Date.UTC(2026, 0, 1)): SimulatedTime => {
  let now = start
  const timers = createTimerQueue()

  const after: SimulatedTime['after'] = (delayMs, run) => timers.add(now + Math.max(0, delayMs), run)

  const run: SimulatedTime['run'] = async (work) => {
    let done = false
    const end = (): void => {
      done = true
    }
    work.then(end, end)
    for (await flush(); !done; await flush()) {
      const next = timers.take(Number.POSITIVE_INFINITY)
      if (next === undefined) throw new Error('no timer is left, and the work is not done')
      now = next.at
      next.run()
    }
    return work
  }

  return { now: () => now, after, sleep: createSleep(after), run }
}
