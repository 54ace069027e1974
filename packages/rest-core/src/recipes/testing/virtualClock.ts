import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../clock.ts'

/**
 * Time advances only while all promises wait: it jumps to the end of the earliest sleep. Concurrent calls therefore run
 * in the same order as in real time.
 */
export type VirtualClock = Clock & {
  /** Advances time until `work` settles; rejects if `work` waits for something other than a sleep. */
  run<Result>(work: Promise<Result>): Promise<Result>
  /** Seconds since the clock was made. */
  seconds(): number
  /** The number of sleeps that have not ended. */
  pending(): number
  /** Runs `action` at that second; does not count as a pending sleep. */
  at(second: number, action: () => void): void
}

/** A sleep or a scheduled action. */
interface Timer {
  until: number
  wake(): void
}

const BEGIN = Date.UTC(2026, 0, 1)
/** Turns of the event loop before time advances; an answer from the test's `fetch` needs one or two. */
const TURNS_BEFORE_ADVANCING = 4

export const virtualClock = (): VirtualClock => {
  const sleeps = new Set<Timer>()
  const actions = new Set<Timer>()
  let time = BEGIN
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const end = (settle: () => void): void => {
        sleeps.delete(timer)
        signal?.removeEventListener('abort', onAbort)
        settle()
      }
      const onAbort = (): void => end(() => reject(signal?.reason))
      const timer: Timer = { until: time + ms, wake: () => end(resolve) }
      sleeps.add(timer)
      signal?.addEventListener('abort', onAbort)
    })
  const advance = (): boolean => {
    const [next] = [...actions, ...sleeps].toSorted((a, b) => a.until - b.until)
    if (next === undefined) return false
    time = Math.max(time, next.until)
    next.wake()
    return true
  }
  const run = async <Result>(work: Promise<Result>): Promise<Result> => {
    let settled = false
    const done = (): void => {
      settled = true
    }
    work.then(done, done)
    for (;;) {
      for (let turn = 0; turn < TURNS_BEFORE_ADVANCING && !settled; turn++) await setImmediate()
      if (settled) return work
      if (!advance()) throw new Error('every promise waits, but none of them for a sleep')
    }
  }
  const at = (second: number, action: () => void): void => {
    const entry: Timer = {
      until: BEGIN + second * 1000,
      wake: () => {
        actions.delete(entry)
        action()
      },
    }
    actions.add(entry)
  }
  return {
    now: () => time,
    sleep,
    run,
    at,
    seconds: () => (time - BEGIN) / 1000,
    pending: () => sleeps.size,
  }
}
