import type { Random } from '../random.ts'
import { MINUTE_MS, type PageSpec } from './scenario.ts'

/** A page that loads, and whose check flickers later. */
export const flickeringPage = (random: Random): PageSpec => ({
  ...{ loadMs: random.integer(500, 8000), overdueMs: null, unreported: false },
  events: flicker(random, random.integer(10_000, 10 * MINUTE_MS)),
})

/** A check that fails and passes again every two seconds, for up to a minute. */
export const flicker = (random: Random, fromMs: number): PageSpec['events'] =>
  random
    .list(random.integer(5, 30), (index) => fromMs + index * 2000)
    .flatMap((afterMs) => [
      { afterMs, event: 'failCheck' },
      { afterMs: afterMs + random.integer(300, 1500), event: 'passCheck' },
    ])
