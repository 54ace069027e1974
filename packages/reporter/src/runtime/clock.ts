/** Injected, so that tests turn it by hand. */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch. It may jump. */
  now(): number
  /** Milliseconds since some moment. Never goes back; it may stand still while the machine is suspended. */
  elapsed(): number
}

export const systemClock: Clock = { now: () => Date.now(), elapsed: () => performance.now() }
