import type { Clock } from './clock.ts'

/** One moment by both clocks, in milliseconds. */
export interface Instant {
  /** Wall-clock time. */
  now: number
  /** Monotonic time. */
  elapsed: number
}

export interface Downtime {
  downtimeMs: number
  /** How far the wall clock stepped back; 0 if it did not. */
  clockStepBackMs: number
}

/** Detects between two sweep passes that the process did not run, or that the wall clock stepped back. */
export interface DowntimeDetector {
  /** @returns undefined if the process ran since the last `mark`, or there was no `mark` yet */
  check(at: Instant): Downtime | undefined
  /** Called at the end of a pass, so that a slow pass does not count as a stall. */
  mark(): void
}

/** A pass that is later than this means that the process was suspended or starved. */
const MIN_STALL_MS = 5000
/** Smaller corrections of the wall clock are normal. */
const MIN_CLOCK_STEP_MS = 1000

export const createDowntimeDetector = (clock: Clock): DowntimeDetector => {
  let last: Instant | undefined
  return {
    check: (at) => last && downtimeBetween(last, at),
    mark: () => {
      last = { now: clock.now(), elapsed: clock.elapsed() }
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
