import type { Check } from '../types.ts'
import type { Moment } from '../watchTypes.ts'
import type { Entry } from './entry.ts'
import { natives } from './natives.ts'

/**
 * When a check of a loaded page is looked at again after a poll that found it failing, in milliseconds. What blinks may
 * do so in step with the polls, which come once a second, but not with these looks as well.
 */
const SECOND_LOOKS_MS = [250, 600] as const

/**
 * In a loaded page a check fails only if two polls in a row and the looks between them have found it failing: a page
 * that renders again, or shows something that blinks, is well. Media have a tolerance of their own.
 */
export const tolerateOnce = (entry: Entry, check: Check, { loaded }: Moment): void => {
  const { doubted, check: before, met, expectation } = entry
  entry.doubted = loaded && met && before.ok && !check.ok && !doubted && !expectation.media
  if (!entry.doubted) return
  check.ok = true
  check.detail = undefined
}

export interface SecondLooks {
  /** Looks again at the doubted entries, once or twice until the next poll. */
  begin(entries: Iterable<Entry>, at: number): void
  stop(): void
}

/** @param failureOf explains why the expectation of an entry is not met; undefined if it is */
export const createSecondLooks = (
  failureOf: (entry: Entry, at: number) => string | undefined,
): SecondLooks => {
  let timers: number[] = []

  const look = (entry: Entry, at: number): void => {
    // Calling the page's own test more often than once a second could disturb it.
    if (!entry.doubted || entry.expectation.test) return
    try {
      if (!failureOf(entry, at)) entry.doubted = false
    } catch {
      // The next poll reports it.
    }
  }

  return {
    begin(entries, at) {
      const doubted: Entry[] = []
      for (const entry of entries) if (entry.doubted) doubted[doubted.length] = entry
      if (!doubted.length) return
      const lookAfter = (delay: number) =>
        natives.clock.setTimeout(() => {
          for (const entry of doubted) look(entry, at + delay)
        }, delay)
      timers = [lookAfter(SECOND_LOOKS_MS[0]), lookAfter(SECOND_LOOKS_MS[1])]
    },
    stop() {
      for (const timer of timers) natives.clock.clearTimeout(timer)
    },
  }
}
