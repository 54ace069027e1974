import { readCommandLine } from '@stillrolling/examples/commandLine'
import { checkSeeds, explainFailure, type Failure, traceScenario } from './checkSeeds.ts'
import { describeGitCommit, readGitCommit } from './gitCommit.ts'
import { createScenario } from './scenario/createScenario.ts'

const HELP = `Runs the reporter in a deterministic simulation, with injected faults, and checks its invariants.
Each seed is two simulated hours. docs/simulation.md describes the faults and the invariants.

  npx -y pnpm@12 simulate [--seeds <n>] [--from <seed>]
  npx -y pnpm@12 simulate --seed <seed>

  --seeds <n>    how many seeds to run (10000); prints seeds per second, and the failures with their traces
  --from <seed>  the first seed (1)
  --seed <seed>  runs this seed alone, and prints its whole trace
  --help         this text

Ends with exit code 1 if a seed breached an invariant.`

const { values, numberOf } = readCommandLine({
  name: 'simulate',
  help: HELP,
  options: { seeds: { type: 'string' }, from: { type: 'string' }, seed: { type: 'string' } },
})
const seeds = numberOf('seeds', { min: 1, fallback: 10_000 })
const from = numberOf('from', { fallback: 1 })
const seed = numberOf('seed', { fallback: 0 })

/** Traces are long: only the first failures are printed with theirs. */
const MAX_TRACES = 3
const PROGRESS_INTERVAL_MS = 10_000

const runMany = async (): Promise<Failure[]> => {
  const begun = performance.now()
  const seconds = (): number => (performance.now() - begun) / 1000
  let lastProgressAt = begun
  const failures = await checkSeeds({
    from,
    seeds,
    onBatch: (done, found) => {
      for (const { seed, breach } of found) console.error(`seed ${seed}: ${breach.invariant}: ${breach.text}`)
      if (performance.now() - lastProgressAt < PROGRESS_INTERVAL_MS) return
      lastProgressAt = performance.now()
      console.log(`${done} seeds, ${(done / seconds()).toFixed(1)} per second`)
    },
  })
  const rate = (seeds / seconds()).toFixed(1)
  console.log(
    `seeds ${from} to ${from + seeds - 1}: ${failures.length} failed, ${seconds().toFixed(1)} s, ${rate} per second`,
  )
  return failures
}

if (values.seed !== undefined) {
  console.log(`seed ${seed}, commit ${describeGitCommit(readGitCommit())}`)
  console.log(await traceScenario(createScenario(seed)))
} else {
  const failures = await runMany()
  for (const failure of failures.slice(0, MAX_TRACES)) console.error(await explainFailure(failure))
  if (failures.length > 0) process.exitCode = 1
}
