/** Wall-clock time in milliseconds. Injected, so that tests turn it by hand. */
export interface Clock {
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }
