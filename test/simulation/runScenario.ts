import type { Invariant } from './invariants/context.ts'
import { INVARIANTS, type InvariantName } from './invariants/index.ts'
import { type Kit, REAL_KIT } from './kit.ts'
import { broadcast, type Observer } from './observer.ts'
import { runMs, type Scenario } from './scenario/scenario.ts'
import { createWorld, type World } from './world.ts'

/** An invariant that does not hold. */
export interface Breach {
  invariant: InvariantName
  /** Milliseconds since the start of the run. */
  at: number
  text: string
}

/**
 * From this length on the reporter always takes the time for a downtime, in milliseconds. It counts from its last tick, so a
 * shorter one may be one as well.
 */
const MIN_DOWNTIME_MS = 5100

export interface RunOptions {
  /** @default the real parts */
  kit?: Kit
  /** Observes the run beside the invariants. */
  observer?: (world: World) => Partial<Observer>
}

/** Runs a scenario to its end, or to the first breach. The same scenario always runs the same way. */
export const runScenario = async (scenario: Scenario, options: RunOptions = {}): Promise<Breach | null> => {
  const { kit = REAL_KIT } = options
  let breach: Breach | null = null
  let lastFaultAt = Number.NEGATIVE_INFINITY
  let lastDowntimeAt = Number.NEGATIVE_INFINITY
  let lastReturnAt = Number.NEGATIVE_INFINITY
  const clock: Partial<Observer> = {
    onFault: () => {
      lastFaultAt = world.time.now()
    },
    onDowntimeEnded: (downMs) => {
      lastReturnAt = world.time.now()
      if (downMs >= MIN_DOWNTIME_MS) lastDowntimeAt = lastReturnAt
    },
  }
  const observers: ReturnType<Invariant>[] = [clock]
  const world = createWorld(scenario, kit, broadcast(observers))
  const begin = world.time.now()
  for (const [name, invariant] of Object.entries(INVARIANTS)) {
    const observer = invariant({
      world,
      kit,
      get lastDowntimeAt() {
        return lastDowntimeAt
      },
      get lastReturnAt() {
        return lastReturnAt
      },
      get lastFaultAt() {
        return lastFaultAt
      },
      breach: (text) => {
        breach ??= { invariant: name as InvariantName, at: world.time.now() - begin, text }
      },
    })
    observers.push(observer)
  }
  if (options.observer) observers.push(options.observer(world))
  await world.time.runUntil(begin + runMs(scenario), () => {
    world.scheduleSweep()
    return breach === null
  })
  if (!breach) for (const observer of observers) await observer.atEnd?.()
  return breach
}
