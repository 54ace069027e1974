import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../clock.ts'

/**
 * A clock that advances only when every task waits, directly to the end of the next sleep, so that concurrent tasks
 * run in the same order as in real time.
 */
export type VirtualClock = Clock & {
  /** Advances time until `work` settles; fails if it waits for something that no sleep brings about. */
  run<Result>(work: Promise<Result>): Promise<Result>
  /** Seconds since the clock was made. */
  seconds(): number
  /** The number of sleeps that have not ended. */
  pending(): number
  /** Runs `action` at that second; does not count as a pending sleep. */
  at(second: number, action: () => void): void
}

interface Sleeper {
  until: number
  wake(): void
}

const BEGIN = Date.UTC(2026, 0, 1)
/** Rounds of the event loop to let promises settle before time advances; a scripted answer needs fewer than two. */
const SETTLE_ROUNDS = 4

export const virtualClock = (): VirtualClock => {
  const sleepers = new Set<Sleeper>()
  const actions = new Set<Sleeper>()
  let time = BEGIN
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const end = (settle: () => void): void => {
        sleepers.delete(sleeper)
        signal?.removeEventListener('abort', onAbort)
        settle()
      }
      const onAbort = (): void => end(() => reject(signal?.reason))
      const sleeper: Sleeper = { until: time + ms, wake: () => end(resolve) }
      sleepers.add(sleeper)
      signal?.addEventListener('abort', onAbort)
    })
  const advance = (): boolean => {
    const [next] = [...actions, ...sleepers].toSorted((a, b) => a.until - b.until)
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
      for (let round = 0; round < SETTLE_ROUNDS && !settled; round++) await setImmediate()
      if (settled) return work
      if (!advance()) throw new Error('every task waits, and none of them for a sleep')
    }
  }
  const at = (second: number, action: () => void): void => {
    const entry: Sleeper = {
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
    pending: () => sleepers.size,
  }
}
