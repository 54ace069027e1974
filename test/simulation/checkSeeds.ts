import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Kit } from './kit.ts'
import { type Breach, runScenario } from './runScenario.ts'
import { createScenario, type Scenario } from './scenario.ts'
import { shrink } from './shrink.ts'
import { createTrace, describeBreach, describeFailure } from './trace.ts'

/** Seeds in a row: what a worker does at a time. */
export interface Batch {
  from: number
  seeds: number
}

export interface Failure {
  seed: number
  breach: Breach
}

export const BATCH_SIZE = 25

/** Runs a batch here; every seed of it, whatever fails. */
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
  /** Told after every batch. */
  onBatch?: (seedsDone: number, failures: Failure[]) => void
}

/** Runs batches in worker threads until all are done. */
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

/** What broke, how to see all of it, and the story of the smallest scenario that breaks the same. */
export const explain = async ({ seed, breach }: Failure, kit?: Kit): Promise<string> => {
  const scenario = await shrink(createScenario(seed), breach, kit)
  const head = [
    `seed ${seed}`,
    describeBreach(breach),
    `all of it: pnpm simulate --seed ${seed}`,
    'in short:',
  ]
  return [...head, await tellStory(scenario, kit)].join('\n')
}

/** A scenario's whole story, with the breach at its end if there is one. */
export const tellStory = async (scenario: Scenario, kit?: Kit): Promise<string> => {
  const { lines, witness } = createTrace()
  const breach = await runScenario(scenario, { kit, witness })
  return describeFailure(scenario, lines, breach)
}
