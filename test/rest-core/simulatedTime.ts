import type { EmulatorClock } from '@stillrolling/emulator'
import type { Clock } from '@stillrolling/rest-core'

/** The clock of client, emulator and network. Time passes only when nothing else is left to do. */
export type SimulatedTime = Clock &
  EmulatorClock & {
    /** Lets time pass until `work` is done. Rejects like `work`, or if no timer is left that could end it. */
    run<Result>(work: Promise<Result>): Promise<Result>
  }

interface Timer {
  at: number
  run: () => void
}

/** Resolves after all pending promise callbacks have run. */
const flush = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export const createSimulatedTime = (start: number = Date.UTC(2026, 0, 1)): SimulatedTime => {
  let now = start
  // Ordered by time, then by the order in which they were set.
  const timers: Timer[] = []

  const after: SimulatedTime['after'] = (delayMs, run) => {
    const timer = { at: now + Math.max(0, delayMs), run }
    const place = timers.findLastIndex(({ at }) => at <= timer.at) + 1
    timers.splice(place, 0, timer)
    return () => {
      const index = timers.indexOf(timer)
      if (index >= 0) timers.splice(index, 1)
    }
  }

  const sleep: SimulatedTime['sleep'] = (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const onAbort = (): void => {
        cancel()
        reject(signal?.reason)
      }
      const cancel = after(ms, () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      })
      signal?.addEventListener('abort', onAbort, { once: true })
    })

  const run: SimulatedTime['run'] = async (work) => {
    let done = false
    const end = (): void => {
      done = true
    }
    work.then(end, end)
    for (await flush(); !done; await flush()) {
      const next = timers.shift()
      if (next === undefined) throw new Error('no timer is left, and the work is not done')
      now = next.at
      next.run()
    }
    return work
  }

  return { now: () => now, after, sleep, run }
}
