import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { describeGitCommit, readGitCommit } from '../simulation/gitCommit.ts'
import { describeTrace } from './describeTrace.ts'
import { findBreaches } from './invariants.ts'
import { type Kit, ourKit } from './kit.ts'
import { runSchedule } from './runSchedule.ts'
import { anySchedule } from './schedule.ts'

/** Schedules with one seed: the unit of work, and what to run again to reproduce a failure. */
export interface Batch {
  seed: number
  schedules: number
}

/** The smallest schedule that fast-check found after one that breached an invariant. */
export interface Failure {
  seed: number
  breaches: string[]
  trace: string
}

export const BATCH_SIZE = 500

/** Runs a batch in this thread. Stops at the first failure and shrinks it. */
export const checkBatch = async ({ seed, schedules }: Batch, kit: Kit = ourKit): Promise<Failure | null> => {
  const property = fc.asyncProperty(anySchedule, async (schedule) => {
    const found = findBreaches(await runSchedule(schedule, kit))
    if (found.length > 0) throw new Error(found.join('\n'))
  })
  const { failed, counterexample } = await fc.check(property, { seed, numRuns: schedules })
  const schedule = counterexample?.[0]
  if (!failed || schedule === undefined) return null
  const observed = await runSchedule(schedule, kit)
  return { seed, breaches: findBreaches(observed), trace: describeTrace(schedule, observed) }
}

export interface CheckOptions {
  schedules: number
  seed: number
  /** @default one for each processor */
  workers?: number
  /** Called after every batch. */
  onProgress?: (schedulesDone: number) => void
}

/** Runs batches in worker threads until all are done or one fails. Batch n has the seed `seed + n`. */
export const checkSchedules = async (options: CheckOptions): Promise<Failure | null> => {
  const { schedules, seed, workers = availableParallelism(), onProgress = () => {} } = options
  const batches: Batch[] = Array.from({ length: Math.ceil(schedules / BATCH_SIZE) }, (_, index) => ({
    seed: seed + index,
    schedules: Math.min(BATCH_SIZE, schedules - index * BATCH_SIZE),
  }))
  let failure: Failure | null = null
  let done = 0
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./batchWorker.ts', import.meta.url))
    try {
      for (let batch = batches.shift(); batch !== undefined && failure === null; batch = batches.shift()) {
        failure ??= await runBatch(worker, batch)
        done += batch.schedules
        onProgress(done)
      }
    } finally {
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: Math.min(workers, batches.length) }, work))
  return failure
}

const runBatch = (worker: Worker, batch: Batch): Promise<Failure | null> =>
  new Promise((resolve, reject) => {
    const onError = (error: Error): void => reject(error)
    worker.once('error', onError)
    worker.once('message', (result: Failure | null) => {
      worker.off('error', onError)
      resolve(result)
    })
    worker.postMessage(batch)
  })

/** Names the seed, the commit and the breaches, how to reproduce them, and the trace of the run. */
export const describeFailure = ({ seed, breaches, trace }: Failure): string => {
  const again = `To reproduce: npx -y pnpm@12 schedules --schedules ${BATCH_SIZE} --seed ${seed}`
  return [`seed ${seed}, commit ${describeGitCommit(readGitCommit())}`, ...breaches, again, trace].join('\n')
}
