import type { Logger } from 'pino'
import { DecisionError, UnreadableRowError } from '../../store/errors.ts'
import type { JobItem, JobProblem, StoredJob } from '../../store/jobOperations.ts'
import type { Store, StoreOperations } from '../../store/store.ts'
import { type ClaimLoop, createClaimLoop } from '../claimLoop.ts'
import { type After, after as afterByDefault, type Clock, type Every } from '../clock.ts'
import { COMMANDS, type Command, carryOut } from '../commands.ts'
import type { Engine } from '../engine.ts'

/**
 * Sends the commands of the stored jobs to their recordings, and goes on with those that an earlier process has begun. A
 * command and the end of its item are one transaction, so no recording gets it twice.
 */
export interface JobRunner extends Pick<ClaimLoop, 'poke' | 'begin' | 'idle'> {
  /** Begins no further command. */
  stop(): Promise<void>
}

/** At most 100 commands a second, so that reports are stored in between. Those that come together share a commit. */
export const BATCH = { size: 10, everyMs: 100 } as const
/** An item whose command fails with an error has failed after so many tries. */
const MAX_TRIES = 3

const INTERNAL_ERROR: JobProblem = {
  code: 'internal_error',
  detail: "The reporter failed, and logged the cause. Send the command again, or see the reporter's log.",
}

/** The item is not pending any more: the job was cancelled meanwhile. */
class ItemSettledError extends Error {}

export const createJobRunner = (options: {
  store: Pick<Store, 'runningJobs' | 'pendingItems' | 'settleJobItem' | 'endJob'>
  engine: Pick<Engine, 'load' | 'command'>
  clock: Pick<Clock, 'now'>
  log: Pick<Logger, 'error' | 'info'>
  after?: After
  repeat?: Every
}): JobRunner => {
  const { store, engine, clock, log, after = afterByDefault, repeat } = options
  /** Failed tries by job and item. */
  const tries = new Map<string, number>()

  const command = async ({ id, action }: StoredJob, item: JobItem): Promise<void> => {
    const { recordingId, position } = item
    const settle = async (operations: Pick<StoreOperations, 'settleJobItem'>, problem: JobProblem | null) => {
      if (!(await operations.settleJobItem(id, position, problem))) throw new ItemSettledError()
    }
    if (!isCommand(action)) return settle(store, INTERNAL_ERROR)
    const result = await carryOut(
      engine,
      { id: recordingId, command: action },
      { by: `job ${id}`, alongside: (operations) => settle(operations, null) },
    )
    if ('refusal' in result) await settle(store, result.refusal)
  }

  /** @returns whether the job can go on immediately */
  const runItem = async (job: StoredJob, item: JobItem): Promise<boolean> => {
    const key = `${job.id} ${item.position}`
    try {
      await command(job, item)
    } catch (err) {
      if (err instanceof ItemSettledError) return true
      const count = (tries.get(key) ?? 0) + 1
      tries.set(key, count)
      log.error({ err, jobId: job.id, recordingId: item.recordingId }, 'a command of a job failed')
      const isDefect = err instanceof DecisionError || err instanceof UnreadableRowError
      if (!isDefect && count < MAX_TRIES) return false
      await store.settleJobItem(job.id, item.position, INTERNAL_ERROR)
    }
    tries.delete(key)
    return true
  }

  const runBatch = async (job: StoredJob): Promise<boolean> => {
    const items = await store.pendingItems(job.id, BATCH.size)
    if (items.length === 0) {
      await store.endJob(job.id, 'done', clock.now())
      log.info({ jobId: job.id, action: job.action, total: job.total }, 'a job is done')
      return true
    }
    const results = await Promise.all(items.map((item) => runItem(job, item)))
    await new Promise<void>((resolve) => after(BATCH.everyMs, resolve))
    return results.every((canGoOn) => canGoOn)
  }

  const loop = createClaimLoop({
    claim: async () => {
      let canGoOn = false
      // A batch of each, so that a small job does not wait for a large one.
      for (const job of await store.runningJobs()) {
        if (!loop.isAccepting()) return
        canGoOn = (await runBatch(job)) || canGoOn
      }
      if (canGoOn) loop.poke()
    },
    onError: (err) => log.error({ err }, 'jobs could not go on, will retry'),
    running: () => [],
    repeat,
  })

  return { poke: loop.poke, begin: loop.begin, idle: loop.idle, stop: () => loop.end() }
}

const isCommand = (action: string): action is Command => (COMMANDS as readonly string[]).includes(action)
