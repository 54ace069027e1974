/** Injected, so that tests control the time. */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch. It may step. */
  now(): number
  /** Monotonic time in milliseconds. It may stand still while the machine is suspended. */
  elapsed(): number
}

/**
 * Runs a job every `ms` milliseconds. Injected, so that a simulation needs no real timers.
 * @returns a function that ends it
 */
export type Every = (ms: number, job: () => void) => () => void

export const every: Every = (ms, job) => {
  const timer = setInterval(job, ms)
  return () => clearInterval(timer)
}

/**
 * Runs a job once, after `ms` milliseconds. Injected like `Every`.
 * @returns a function that cancels it
 */
export type After = (ms: number, job: () => void) => () => void

export const after: After = (ms, job) => {
  const timer = setTimeout(job, ms)
  return () => clearTimeout(timer)
}

export const systemClock: Clock = { now: () => Date.now(), elapsed: () => performance.now() }
