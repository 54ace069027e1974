import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../clock.ts'

/**
 * A clock that moves on only when everybody waits, straight to the next end of a sleep: whatever runs side by
 * side happens in the order in which it would in real time.
 */
export type VirtualClock = Clock & {
  /** Moves time on until the work is settled; fails if it waits for nothing that time brings. */
  run<Result>(work: Promise<Result>): Promise<Result>
  /** Seconds since the clock was made. */
  seconds(): number
  /** How many sleeps have not ended. */
  pending(): number
  /** Calls back at that second, without being a sleep that anybody left. */
  at(second: number, action: () => void): void
}

interface Sleeper {
  until: number
  wake(): void
}

const begin = Date.UTC(2026, 0, 1)
// Rounds of the event loop in which promises settle by themselves; a scripted answer needs fewer than two.
const rounds = 4

export const virtualClock = (): VirtualClock => {
  const sleepers = new Set<Sleeper>()
  const actions = new Set<Sleeper>()
  let time = begin
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
  const moveOn = (): boolean => {
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
      for (let round = 0; round < rounds && !settled; round++) await setImmediate()
      if (settled) return work
      if (!moveOn()) throw new Error('everybody waits, and nobody sleeps')
    }
  }
  const at = (second: number, action: () => void): void => {
    const entry: Sleeper = {
      until: begin + second * 1000,
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
    seconds: () => (time - begin) / 1000,
    pending: () => sleepers.size,
  }
}
