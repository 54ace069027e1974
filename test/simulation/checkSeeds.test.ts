import { beforeAll, describe, expect, test } from 'vitest'
import { explainFailure, type Failure, traceScenario } from './checkSeeds.ts'
import { firstFailure } from './mutations/firstFailure.ts'
import { MUTATIONS } from './mutations/index.ts'
import { createScenario } from './scenario/createScenario.ts'
import type { Scenario } from './scenario/scenario.ts'
import { TESTED_SEEDS } from './testedSeeds.ts'

/** @throws if no tested seed has one */
const scenarioWith = (what: (scenario: Scenario) => boolean): Scenario => {
  for (let seed = TESTED_SEEDS.from; seed < TESTED_SEEDS.from + TESTED_SEEDS.seeds; seed += 1) {
    const scenario = createScenario(seed)
    if (what(scenario)) return scenario
  }
  throw new Error('No tested seed has such a scenario')
}

test.each<[string, Scenario]>([
  ['pages', scenarioWith(({ channels }) => channels.length === 0)],
  [
    'channels and standbys',
    scenarioWith(
      ({ channels, recordings }) => channels.length > 0 && recordings.some(({ standby }) => standby),
    ),
  ],
])('the same seed always runs the same way: %s', async (_what, scenario) => {
  expect(await traceScenario(scenario)).toBe(await traceScenario(createScenario(scenario.seed)))
})

describe('a failure is explained', () => {
  const mutation = MUTATIONS.find(({ breaks }) => breaks === 'confirmedSilence')
  let failure: Failure
  const explain = (isDirty: boolean): Promise<string> =>
    explainFailure(failure, { kit: mutation?.kit, commit: { hash: 'abc123', isDirty } })

  beforeAll(async () => {
    const found = mutation && (await firstFailure(mutation))
    if (!found) throw new Error('The mutation breached nothing')
    failure = found
  })

  test('by seed and commit, the command that reproduces it, the breach, and the trace of the smallest scenario', async () => {
    const { seed } = failure
    const text = await explain(false)
    const [first, second] = text.split('\n')
    expect(first).toBe(`seed ${seed}, commit abc123`)
    expect(second).toMatch(/confirmedSilence: r\d(~standby)?: sid\d+ is given up .*without a query$/)
    expect(text).toContain(`To reproduce: npx -y pnpm@12 simulate --seed ${seed}\n`)
    expect(text).toContain('attempt.failed: ')
  })

  test('with uncommitted changes, if there are some', async () => {
    expect(await explain(true)).toContain('commit abc123 with uncommitted changes\n')
  })
})
