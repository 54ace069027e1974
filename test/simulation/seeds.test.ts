import { expect, test } from 'vitest'
import { checkSeeds, explainFailure } from './checkSeeds.ts'
import { TESTED_SEEDS } from './testedSeeds.ts'

test('no invariant is breached in 2,000 seeds of two hours each', async () => {
  const [failure] = await checkSeeds(TESTED_SEEDS)
  expect(failure && (await explainFailure(failure))).toBeUndefined()
  // The timeout allows for a busy machine.
}, 600_000)
