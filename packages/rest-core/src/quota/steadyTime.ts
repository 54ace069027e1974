import type { Clock } from '../clock.ts'

/**
 * A clock's time made fit for measuring distances: it never goes back, and after a sleep it is never before
 * the moment that the sleep was for (wall clocks are set back, timers fire early, a test's clock may stand).
 */
export interface SteadyTime {
  now(): number
  /** The time is `moment` at least. */
  reached(moment: number): number
}

export const createSteadyTime = (clock: Pick<Clock, 'now'>): SteadyTime => {
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
