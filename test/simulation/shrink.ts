import type { Kit } from './kit.ts'
import { type Breach, runScenario } from './runScenario.ts'
import type { Scenario, Wish } from './scenario.ts'

/** Takes away from a scenario what is not needed to break the same invariant: the shorter story is read sooner. */
export const shrink = async (scenario: Scenario, breach: Breach, kit?: Kit): Promise<Scenario> => {
  let smallest = scenario
  for (let shrunk = true; shrunk; ) {
    shrunk = false
    for (const smaller of smallerThan(smallest)) {
      const again = await runScenario(smaller, { kit })
      if (again?.invariant !== breach.invariant) continue
      smallest = smaller
      shrunk = true
      break
    }
  }
  return smallest
}

/** The scenario with one thing less. A recording is left out by its wish alone: faults name it by its place. */
const smallerThan = function* (scenario: Scenario): Generator<Scenario> {
  const { faults, recordings } = scenario
  for (const fault of faults) yield { ...scenario, faults: faults.filter((each) => each !== fault) }
  for (const [place, wish] of recordings.entries()) {
    const withWish = (changes: Partial<Wish>): Scenario => ({
      ...scenario,
      recordings: recordings.map((each) => (each === wish ? { ...wish, ...changes } : each)),
    })
    if (place === recordings.length - 1 && place > 0)
      yield { ...scenario, recordings: recordings.slice(0, -1) }
    for (const command of wish.commands) {
      yield withWish({ commands: wish.commands.filter((each) => each !== command) })
    }
    if (wish.pages.length > 0) yield withWish({ pages: wish.pages.slice(0, -1) })
    if (Object.keys(wish.policy).length > 0) yield withWish({ policy: {} })
  }
}
