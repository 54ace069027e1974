import { expect, test } from 'vitest'
import { checkSeeds, explainFailure } from './checkSeeds.ts'
import { TESTED_SEEDS } from './testedSeeds.ts'

/** `simulate` runs more. */
const SEEDS = 1000

test('no invariant is breached in 1,000 seeds of two hours each', async () => {
  const [failure] = await checkSeeds({ ...TESTED_SEEDS, seeds: SEEDS })
  expect(failure && (await explainFailure(failure))).toBeUndefined()
  // The timeout allows for a busy machine.
}, 600_000)
