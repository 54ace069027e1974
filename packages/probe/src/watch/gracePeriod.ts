import type { Check } from '../types.ts'
import type { Moment } from '../watchTypes.ts'
import type { Entry } from './entry.ts'

/** The grace period of an expectation without a `timeout`, in a loaded page or if the expectation is optional. */
const DEFAULT_GRACE_MS = 10_000

/**
 * Applies an expectation's `timeout` to a check that has just been made. In a loaded page a new expectation passes until
 * it has been met once or its grace period ends; in a loading page one whose own timeout has passed is overdue.
 *
 * @returns whether the grace period is still running
 */
export const applyGracePeriod = (entry: Entry, check: Check, { at, loaded }: Moment): boolean => {
  const { timeout, optional } = entry.expectation
  const isRunning = at - entry.since < (timeout === undefined ? DEFAULT_GRACE_MS : timeout * 1000)
  entry.met ||= check.ok
  if (!entry.met) {
    if (loaded && isRunning) {
      check.ok = true
      check.detail = undefined
    }
    if (!loaded && !isRunning && timeout !== undefined && !optional) check.overdue = true
  }
  return isRunning
}
