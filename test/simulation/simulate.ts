import { parseArgs } from 'node:util'
import { checkSeeds, explain, type Failure, tellStory } from './checkSeeds.ts'
import { createScenario } from './scenario.ts'

/**
 * Runs any number of seeds, two simulated hours each, and prints how many per second; of the first few that break an
 * invariant the story too. With --seed, the whole story of one:
 *
 * pnpm simulate --seeds 100000 [--from 1]
 * pnpm simulate --seed 42
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
  },
})

const wholeNumber = (name: 'seeds' | 'from' | 'seed', least: number): number => {
  const value = Number(values[name])
  if (Number.isSafeInteger(value) && value >= least) return value
  console.error(`--${name} must be a whole number from ${least}, it is ${values[name]}`)
  process.exit(2)
}

/** Stories are long; after this many, seeds and breaches must do. */
const STORIES = 3

const runMany = async (): Promise<Failure[]> => {
  const seeds = wholeNumber('seeds', 1)
  const from = wholeNumber('from', 0)
  const begun = performance.now()
  const seconds = (): number => (performance.now() - begun) / 1000
  let told = begun
  const failures = await checkSeeds({
    from,
    seeds,
    onBatch: (done, found) => {
      for (const { seed, breach } of found) console.error(`seed ${seed}: ${breach.invariant}: ${breach.text}`)
      if (performance.now() - told < 10_000) return
      told = performance.now()
      console.log(`${done} seeds, ${(done / seconds()).toFixed(1)} per second`)
    },
  })
  const last = from + seeds - 1
  const rate = (seeds / seconds()).toFixed(1)
  console.log(
    `seeds ${from} to ${last}: ${failures.length} failed, ${seconds().toFixed(1)} s, ${rate} per second`,
  )
  return failures
}

if (values.seed !== undefined) console.log(await tellStory(createScenario(wholeNumber('seed', 0))))
else {
  const failures = await runMany()
  for (const failure of failures.slice(0, STORIES)) console.error(await explain(failure))
  if (failures.length > 0) process.exitCode = 1
}
