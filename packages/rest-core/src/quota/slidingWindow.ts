/**
 * At most `capacity` charges in any `windowMs`, wherever the window is laid: a charge is free again when its
 * own window is over. (A counter that is reset every second lets twice as many through around the reset.)
 */
export interface SlidingWindow {
  /** The moment of the next free place; in the past if there is one. */
  freeAt(): number
  charge(now: number): void
}

export const createSlidingWindow = (capacity: number, windowMs: number): SlidingWindow => {
  // The last `capacity` charges; `oldest` is where the oldest of them is and the next one goes.
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
