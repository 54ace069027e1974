import type { Destination } from '../../destinations.ts'
import { iso } from '../../isoTime.ts'
import type { Store } from '../../store/store.ts'
import type { Check } from '../acceptance.ts'
import type { Clock } from '../clock.ts'

/** Whether deliveries arrive, as one line of `/readyz`. */
export interface DeliveryHealth {
  check(): Promise<Check>
}

/** After which a person should look at what waits, in milliseconds. */
const MAX_WAIT_MS = 3_600_000

export const createDeliveryHealth = (options: {
  store: Pick<Store, 'readBacklog' | 'readDestinations'>
  clock: Pick<Clock, 'now'>
  destinations: readonly Destination[]
}): DeliveryHealth => {
  const { store, clock, destinations } = options

  const problemOf = (
    name: string,
    {
      oldestQueuedAt,
      pausedAt,
      failingSince,
    }: Record<'oldestQueuedAt' | 'pausedAt' | 'failingSince', number | null>,
  ): string | undefined => {
    if (failingSince !== null) {
      return `${name} has not accepted any since one was given up at ${iso(failingSince)}`
    }
    // A person has paused it, and knows.
    if (pausedAt !== null || oldestQueuedAt === null) return undefined
    const hasWaited = clock.now() - oldestQueuedAt >= MAX_WAIT_MS
    return hasWaited ? `the oldest for ${name} has waited since ${iso(oldestQueuedAt)}` : undefined
  }

  return {
    check: async () => {
      if (destinations.length === 0) return { ok: true, detail: 'no destination is configured' }
      try {
        const [backlog, stored] = [await store.readBacklog(), await store.readDestinations()]
        const problems = destinations.flatMap(({ name }) => {
          const { oldestQueuedAt = null } = backlog.find(({ destination }) => destination === name) ?? {}
          const { pausedAt = null, failingSince = null } = stored.find((each) => each.name === name) ?? {}
          return problemOf(name, { oldestQueuedAt, pausedAt, failingSince }) ?? []
        })
        const pending = backlog.reduce((sum, each) => sum + each.pending, 0)
        const paused = stored.flatMap(({ name, pausedAt }) => (pausedAt === null ? [] : [name]))
        const notes = [`${pending} waiting`, ...paused.map((name) => `${name} is paused`)]
        return { ok: problems.length === 0, detail: [...problems, ...notes].join('; ') }
      } catch {
        return { ok: false, detail: 'cannot be read; the log says why' }
      }
    },
  }
}
