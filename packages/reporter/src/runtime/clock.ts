/** Injected, so that tests turn it by hand. */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch. It may jump. */
  now(): number
  /** Milliseconds since some moment. Never goes back; it may stand still while the machine is suspended. */
  elapsed(): number
}

/**
 * Does a job every so many milliseconds. Injected, so that a simulation needs no real timers.
 * @returns how to end it
 */
export type Every = (ms: number, job: () => void) => () => void

export const every: Every = (ms, job) => {
  const timer = setInterval(job, ms)
  return () => clearInterval(timer)
}

export const systemClock: Clock = { now: () => Date.now(), elapsed: () => performance.now() }
