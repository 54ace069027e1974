import type { Clock } from '../clock.ts'

/**
 * A clock that never goes back, for measuring durations. After a sleep it is at least at the time that the sleep was
 * for: wall clocks step back, timers fire early, and a clock in a test may stand still.
 */
export interface MonotonicTime {
  now(): number
  /** Moves the time forward to at least `moment`, and returns it. */
  reached(moment: number): number
}

export const createMonotonicTime = (clock: Pick<Clock, 'now'>): MonotonicTime => {
  let offset = 0
  let latest = Number.NEGATIVE_INFINITY
  const reached = (moment: number): number => {
    const time = clock.now() + offset
    if (time < moment) offset += moment - time
    latest = Math.max(time, moment)
    return latest
  }
  return { now: () => reached(latest), reached }
}
