import type { Random } from '../random.ts'
import { flicker } from './flicker.ts'
import { type Fault, MINUTE_MS, type PageSpec, type RecordingSpec } from './scenario.ts'

/** Somebody opens the URL of one recording's page, once or more often, for moments or for minutes. */
export const strangerFaults = (
  random: Random,
  recordings: readonly RecordingSpec[],
  latestAt: number,
): Fault[] => {
  const recording = random.integer(0, recordings.length - 1)
  const { createAt = 0 } = recordings[recording] ?? {}
  const from = Math.min(latestAt, createAt + 20_000)
  return random.list(random.pick([1, 1, 2, 3]), () => ({
    ...{ at: random.integer(from, latestAt), kind: 'stranger', recording },
    ...{ page: strangerPage(random), saysBye: random.chance(0.6) },
    forMs: random.chance(0.3) ? random.integer(500, MINUTE_MS) : random.integer(MINUTE_MS, 9 * MINUTE_MS),
  }))
}

/** It loads and is well, fails a check for good, flickers, or does not load. */
const strangerPage = (random: Random): PageSpec => {
  const page: PageSpec = {
    ...{ loadMs: random.integer(500, 8000), overdueMs: null, unreported: false, events: [] },
  }
  const afterMs = random.integer(10_000, 2 * MINUTE_MS)
  switch (random.pick(['well', 'well', 'failCheck', 'flicker', 'neverLoads'])) {
    case 'failCheck':
      return { ...page, events: [{ afterMs, event: 'failCheck' }] }
    case 'flicker':
      return { ...page, events: flicker(random, afterMs) }
    case 'neverLoads':
      return { ...page, loadMs: null }
    default:
      return page
  }
}
