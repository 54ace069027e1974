import { createTimerQueue } from '../timerQueue.ts'

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

/**
 * Resolves when all settled promises have run on: Node runs the next tick when no microtask is left. It costs a tenth
 * of a turn of the event loop, which nothing here needs.
 */
const drainMicrotasks = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve))

export const createVirtualTime = (start: number = Date.UTC(2026, 0, 1)): VirtualTime => {
  let now = start
  let wallOffset = 0
  const steps: { at: number; byMs: number }[] = []
  const timers = createTimerQueue()
  return {
    now: () => now,
    wallNow: () => now + wallOffset,
    stepWallClock: (byMs) => {
      wallOffset += byMs
      steps.push({ at: now, byMs })
    },
    steppedForwardSince: (at) =>
      steps.filter((step) => step.at >= at && step.byMs > 0).reduce((sum, { byMs }) => sum + byMs, 0),
    after: (delayMs, run) => timers.add(now + Math.max(0, delayMs), run),
    runUntil: async (end, afterEach) => {
      // A tick that is set outside of all microtasks, as in a worker's message handler, would come before them.
      await null
      for (let timer = timers.take(end); timer; timer = timers.take(end)) {
        now = timer.at
        timer.run()
        await drainMicrotasks()
        if (!afterEach()) return
      }
      now = end
    },
  }
}
