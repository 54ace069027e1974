import type { EmulatorClock } from '@stillrolling/emulator'
import type { Clock } from '@stillrolling/rest-core'

/** Time that passes only when nobody has anything left to do: the clock of client, emulator and network alike. */
export type SimulatedTime = Clock &
  EmulatorClock & {
    /** Lets time pass until `work` is done. Rejects as `work` does, or if nothing could ever end it. */
    run<Result>(work: Promise<Result>): Promise<Result>
  }

interface Timer {
  at: number
  run: () => void
}

/** Whatever is settled already runs on before this resolves. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export const createSimulatedTime = (start: number = Date.UTC(2026, 0, 1)): SimulatedTime => {
  let now = start
  // By time; of the same time, in the order in which they were set.
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
    for (await settle(); !done; await settle()) {
      const next = timers.shift()
      if (next === undefined) throw new Error('nothing is left to happen, and the work is not done')
      now = next.at
      next.run()
    }
    return work
  }

  return { now: () => now, after, sleep, run }
}
