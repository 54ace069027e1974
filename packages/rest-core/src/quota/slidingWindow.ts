/**
 * Allows at most `capacity` charges in any `windowMs`, wherever the window begins. (A counter that is reset every
 * second allows twice as many around the reset.)
 */
export interface SlidingWindow {
  /** When the next charge is allowed; in the past if it is allowed now. */
  freeAt(): number
  charge(now: number): void
}

export const createSlidingWindow = (capacity: number, windowMs: number): SlidingWindow => {
  // A ring of the last `capacity` charges; `oldest` is the index of the oldest, which the next one replaces.
  const charges: number[] = []
  let oldest = 0
  return {
    freeAt: () => (charges.length < capacity ? Number.NEGATIVE_INFINITY : (charges[oldest] ?? 0) + windowMs),
    charge: (now) => {
      charges[oldest] = now
      oldest = (oldest + 1) % capacity
    },
  }
}
