/** Time that passes only when no code is left to run. Milliseconds since the epoch. */
export interface VirtualTime {
  now(): number
  /** The wall clock of the reporter's machine. It goes like the time, and may step. */
  wallNow(): number
  /** Steps the wall clock forward, or back if it is negative. */
  stepWallClock(byMs: number): void
  /** By how much, in milliseconds, the wall clock has stepped forward since a moment. Steps back do not count. */
  steppedForwardSince(at: number): number
  /** @returns a function that cancels the timer */
  after(delayMs: number, run: () => void): () => void
  /**
   * Runs timers in order until `end`, or until `afterEach` returns false. All promises that a timer settles have run
   * on before the next timer starts.
   */
  runUntil(end: number, afterEach: () => boolean): Promise<void>
}

interface Timer {
  at: number
  /** Timers of the same moment run in the order in which they were set. */
  order: number
  run: (() => void) | undefined
}

/**
 * Resolves when all settled promises have run on: Node runs the next tick when no microtask is left. It costs a tenth
 * of a turn of the event loop, which nothing here needs.
 */
const drainMicrotasks = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve))

export const createVirtualTime = (start: number = Date.UTC(2026, 0, 1)): VirtualTime => {
  let now = start
  let wallOffset = 0
  const steps: { at: number; byMs: number }[] = []
  let order = 0
  const heap: Timer[] = []
  return {
    now: () => now,
    wallNow: () => now + wallOffset,
    stepWallClock: (byMs) => {
      wallOffset += byMs
      steps.push({ at: now, byMs })
    },
    steppedForwardSince: (at) =>
      steps.filter((step) => step.at >= at && step.byMs > 0).reduce((sum, { byMs }) => sum + byMs, 0),
    after: (delayMs, run) => {
      const timer: Timer = { at: now + Math.max(0, delayMs), order: order++, run }
      push(heap, timer)
      return () => {
        timer.run = undefined
      }
    },
    runUntil: async (end, afterEach) => {
      // A tick that is set outside of all microtasks, as in a worker's message handler, would come before them.
      await null
      while (heap[0] !== undefined && heap[0].at <= end) {
        const timer = pop(heap)
        if (timer?.run === undefined) continue
        now = timer.at
        timer.run()
        await drainMicrotasks()
        if (!afterEach()) return
      }
      now = end
    },
  }
}

const before = (one: Timer, other: Timer): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order)

const push = (heap: Timer[], timer: Timer): void => {
  let index = heap.push(timer) - 1
  while (index > 0) {
    const parent = (index - 1) >> 1
    const above = heap[parent]
    if (above === undefined || before(above, timer)) break
    heap[index] = above
    index = parent
  }
  heap[index] = timer
}

const pop = (heap: Timer[]): Timer | undefined => {
  const first = heap[0]
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return first
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    const [left, right] = [heap[child], heap[child + 1]]
    if (left === undefined) break
    let earlier = left
    if (right !== undefined && before(right, left)) {
      child += 1
      earlier = right
    }
    if (before(last, earlier)) break
    heap[index] = earlier
    index = child
  }
  heap[index] = last
  return first
}
