import type { Kit } from '../kit.ts'
import { type Breach, runScenario } from '../runScenario.ts'
import type { RecordingSpec, Scenario } from './scenario.ts'

/** Removes everything from a scenario that is not needed to breach the same invariant: the shorter trace is easier to read. */
export const shrinkScenario = async (scenario: Scenario, breach: Breach, kit?: Kit): Promise<Scenario> => {
  let smallest = scenario
  for (let shrunk = true; shrunk; ) {
    shrunk = false
    for (const smaller of smallerThan(smallest)) {
      const found = await runScenario(smaller, { kit })
      if (found?.invariant !== breach.invariant) continue
      smallest = smaller
      shrunk = true
      break
    }
  }
  return smallest
}

/** The scenario with one thing less. Only the last recording can be removed: faults refer to recordings by index. */
const smallerThan = function* (scenario: Scenario): Generator<Scenario> {
  const { faults, recordings, channels } = scenario
  for (const fault of faults) yield { ...scenario, faults: faults.filter((each) => each !== fault) }
  for (const { name, visits } of channels) {
    if (visits.length === 0) continue
    const half = Math.ceil(visits.length / 2)
    for (const fewer of [visits.slice(half), visits.slice(0, -half), visits.slice(0, -1)]) {
      const withVisits = channels.map((each) => (each.name === name ? { name, visits: fewer } : each))
      yield { ...scenario, channels: withVisits }
    }
  }
  for (const [index, spec] of recordings.entries()) {
    const withSpec = (changes: Partial<RecordingSpec>): Scenario => ({
      ...scenario,
      recordings: recordings.map((each) => (each === spec ? { ...spec, ...changes } : each)),
    })
    if (index === recordings.length - 1 && index > 0)
      yield { ...scenario, recordings: recordings.slice(0, -1) }
    for (const command of spec.commands) {
      yield withSpec({ commands: spec.commands.filter((each) => each !== command) })
    }
    if (spec.standby) yield withSpec({ standby: false })
    if (spec.schedule) yield withSpec({ schedule: null })
    if (spec.pages.length > 0) yield withSpec({ pages: spec.pages.slice(0, -1) })
    if (Object.keys(spec.policy).length > 0) yield withSpec({ policy: {} })
  }
}
