import { checkBatch, type Failure } from '../checkSeeds.ts'
import { createScenario } from '../scenario/createScenario.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { TESTED_SEEDS } from '../testedSeeds.ts'
import type { Mutation } from './mutation.ts'

const HAVE: Record<NonNullable<Mutation['seeds']>, (scenario: Scenario) => boolean> = {
  channels: ({ channels }) => channels.length > 0,
  standbys: ({ recordings }) => recordings.some(({ standby }) => standby),
  schedules: ({ recordings }) => recordings.some(({ schedule }) => schedule !== null),
}

/** The first failure with a mutation. Every mutation fails within a few hundred seeds. */
export const firstFailure = async ({
  kit,
  seeds: which,
}: Pick<Mutation, 'kit' | 'seeds'>): Promise<Failure | undefined> => {
  const { from, seeds } = TESTED_SEEDS
  for (let seed = from; seed < from + seeds; seed += 1) {
    if (which !== undefined && !HAVE[which](createScenario(seed))) continue
    const [failure] = await checkBatch({ from: seed, seeds: 1 }, kit)
    if (failure) return failure
  }
  return undefined
}
