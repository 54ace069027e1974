import type { Downtime } from '../store/types.ts'
import type { Clock } from './clock.ts'

/** Detects that the process did not run, or that the wall clock stepped back. */
export interface DowntimeDetector {
  /**
   * Compares both clocks with the last call. A process that runs calls this every second at least, so a longer pause means
   * that it was suspended or starved.
   * @returns undefined if it ran since the last call, or this is the first one
   */
  check(): Downtime | undefined
}

/** A shorter pause is within every page's timeouts. */
const MIN_STALL_MS = 5000
/** Smaller corrections of the wall clock are normal. */
const MIN_CLOCK_STEP_MS = 1000

/** One moment by both clocks, in milliseconds. */
interface Instant {
  /** Wall-clock time. */
  now: number
  /** Monotonic time. */
  elapsed: number
}

export const createDowntimeDetector = (clock: Clock): DowntimeDetector => {
  let last: Instant | undefined
  return {
    check: () => {
      const before = last
      last = { now: clock.now(), elapsed: clock.elapsed() }
      return before && downtimeBetween(before, last)
    },
  }
}

/**
 * Needs both clocks. The wall clock alone would take a step forward for a downtime, and miss a step back; the monotonic
 * clock alone stands still while the machine is suspended.
 */
const downtimeBetween = (last: Instant, { now, elapsed }: Instant): Downtime | undefined => {
  const byWallClock = now - last.now
  const byMonotonicClock = elapsed - last.elapsed
  const clockStepBackMs = byMonotonicClock - byWallClock
  if (clockStepBackMs > MIN_CLOCK_STEP_MS) return { downtimeMs: byMonotonicClock, clockStepBackMs }
  const downtimeMs = Math.max(byWallClock, byMonotonicClock)
  return downtimeMs > MIN_STALL_MS ? { downtimeMs, clockStepBackMs: 0 } : undefined
}
