import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { describeGitCommit, readGitCommit } from './gitCommit.ts'
import type { Kit } from './kit.ts'
import { type Breach, runScenario } from './runScenario.ts'
import { createScenario } from './scenario/createScenario.ts'
import type { Scenario } from './scenario/scenario.ts'
import { shrinkScenario } from './scenario/shrinkScenario.ts'
import { createTrace, describeBreach, describeRun } from './trace.ts'

/** Consecutive seeds: one job of a worker. */
export interface Batch {
  from: number
  seeds: number
}

export interface Failure {
  seed: number
  breach: Breach
}

const BATCH_SIZE = 25

/** Runs every seed of a batch in this thread. */
export const checkBatch = async ({ from, seeds }: Batch, kit?: Kit): Promise<Failure[]> => {
  const failures: Failure[] = []
  for (let seed = from; seed < from + seeds; seed += 1) {
    const breach = await runScenario(createScenario(seed), { kit })
    if (breach) failures.push({ seed, breach })
  }
  return failures
}

export interface CheckOptions extends Batch {
  /** @default one for each processor */
  workers?: number
  /** Called after every batch, with the number of seeds done so far and the failures of the batch. */
  onBatch?: (seedsDone: number, failures: Failure[]) => void
}

/** Runs seeds in worker threads. @returns all failures, in the order of their seeds */
export const checkSeeds = async (options: CheckOptions): Promise<Failure[]> => {
  const { from, seeds, workers = availableParallelism(), onBatch = () => {} } = options
  const failures: Failure[] = []
  let begun = 0
  let done = 0
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./seedWorker.ts', import.meta.url))
    try {
      while (begun < seeds) {
        const batch = { from: from + begun, seeds: Math.min(BATCH_SIZE, seeds - begun) }
        begun += batch.seeds
        const found = await runBatch(worker, batch)
        failures.push(...found)
        done += batch.seeds
        onBatch(done, found)
      }
    } finally {
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: Math.min(workers, Math.ceil(seeds / BATCH_SIZE)) }, work))
  return failures.toSorted((one, other) => one.seed - other.seed)
}

const runBatch = (worker: Worker, batch: Batch): Promise<Failure[]> =>
  new Promise((resolve, reject) => {
    const onError = (error: Error): void => reject(error)
    worker.once('error', onError)
    worker.once('message', (failures: Failure[]) => {
      worker.off('error', onError)
      resolve(failures)
    })
    worker.postMessage(batch)
  })

/** Names the seed, the commit and the breach, how to reproduce it, and the trace of the smallest scenario that does. */
export const explainFailure = async (
  { seed, breach }: Failure,
  { kit, commit = readGitCommit() }: { kit?: Kit; commit?: ReturnType<typeof readGitCommit> } = {},
): Promise<string> => {
  const smallest = await shrinkScenario(createScenario(seed), breach, kit)
  return [
    `seed ${seed}, commit ${describeGitCommit(commit)}`,
    describeBreach(breach),
    `To reproduce: npx -y pnpm@12 simulate --seed ${seed}`,
    'The smallest scenario that breaches the same invariant:',
    await traceScenario(smallest, kit),
  ].join('\n')
}

/** Runs a scenario. @returns its trace, with the breach at the end if there is one */
export const traceScenario = async (scenario: Scenario, kit?: Kit): Promise<string> => {
  const { lines, observer } = createTrace()
  const breach = await runScenario(scenario, { kit, observer })
  return describeRun(scenario, { lines, breach })
}
