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
  store: Pick<Store, 'oldestQueuedAt' | 'readDestinations'>
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
        const stored = await store.readDestinations()
        const problems: string[] = []
        const notes: string[] = []
        for (const { name } of destinations) {
          // Without a count: probes of the platform ask often.
          const oldestQueuedAt = await store.oldestQueuedAt(name)
          const { pausedAt = null, failingSince = null } = stored.find((each) => each.name === name) ?? {}
          const problem = problemOf(name, { oldestQueuedAt, pausedAt, failingSince })
          if (problem !== undefined) problems.push(problem)
          if (pausedAt !== null) notes.push(`${name} is paused`)
          else if (oldestQueuedAt !== null && problem === undefined) notes.push(`some wait for ${name}`)
        }
        const all = [...problems, ...notes]
        return { ok: problems.length === 0, detail: all.length > 0 ? all.join('; ') : 'none waits' }
      } catch {
        return { ok: false, detail: 'cannot be read; the log says why' }
      }
    },
  }
}
