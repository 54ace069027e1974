import { INVARIANTS, type InvariantName } from './invariants.ts'
import { type Kit, ourKit } from './kit.ts'
import { RUN_MS, type Scenario } from './scenario.ts'
import type { Truth } from './truth.ts'
import { createWorld, type Witness, type World } from './world.ts'

/** An invariant that does not hold. */
export interface Breach {
  invariant: InvariantName
  /** Milliseconds since the run's beginning. */
  at: number
  text: string
}

/** The sweep's own: a shorter absence is within what any page is given, in milliseconds. */
const NOTICED_MS = 5100

export interface RunOptions {
  kit?: Kit
  /** Others look on, to tell the story. */
  witness?: (world: World) => Partial<Witness>
}

/** Runs a scenario to its end, or to the first breach. The same scenario runs the same way, always. */
export const runScenario = async (scenario: Scenario, options: RunOptions = {}): Promise<Breach | null> => {
  const { kit = ourKit } = options
  let breach: Breach | null = null
  let troubledAt = Number.NEGATIVE_INFINITY
  let awayAt = Number.NEGATIVE_INFINITY
  const lookers: (Partial<Witness> & { atEnd?(): void })[] = []
  const tell = <Name extends keyof Witness>(name: Name, ...words: Parameters<Witness[Name]>): void => {
    for (const looker of lookers) {
      const hear = looker[name] as ((...words: Parameters<Witness[Name]>) => void) | undefined
      if (hear) hear(...words)
    }
  }
  const world = createWorld(scenario, kit, {
    onCommit: (...words) => tell('onCommit', ...words),
    onSend: (...words) => tell('onSend', ...words),
    onAnswer: (...words) => tell('onAnswer', ...words),
    onTask: (...words) => tell('onTask', ...words),
    onNotice: (...words) => tell('onNotice', ...words),
    onNoticeHeard: (...words) => tell('onNoticeHeard', ...words),
    onCommand: (...words) => tell('onCommand', ...words),
    onSilent: (...words) => tell('onSilent', ...words),
    onTooMany: (...words) => tell('onTooMany', ...words),
    onReturn: (...words) => {
      if (words[0] >= NOTICED_MS) awayAt = world.time.now()
      tell('onReturn', ...words)
    },
    onFault: (...words) => {
      troubledAt = world.time.now()
      tell('onFault', ...words)
    },
  })
  const begin = world.time.now()
  for (const [name, invariant] of Object.entries(INVARIANTS)) {
    const truth: Truth = {
      world,
      kit,
      get awayAt() {
        return awayAt
      },
      get troubledAt() {
        return troubledAt
      },
      breach: (text) => {
        breach ??= { invariant: name as InvariantName, at: world.time.now() - begin, text }
      },
    }
    lookers.push(invariant(truth))
  }
  if (options.witness) lookers.push(options.witness(world))
  await world.time.runUntil(begin + RUN_MS, () => {
    world.settle()
    return breach === null
  })
  if (!breach) for (const looker of lookers) looker.atEnd?.()
  return breach
}
