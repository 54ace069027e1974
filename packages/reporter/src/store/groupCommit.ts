import { setImmediate as nextEventLoopTurn, setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import type { Database } from './schema.ts'

/** Runs a transaction, committed together with others that were requested at about the same time. */
export type GroupCommit = <T>(work: (trx: Kysely<Database>) => Promise<T>) => Promise<T>

/** More would block the event loop for too long. */
const MAX_GROUP_SIZE = 64

/**
 * How long to wait before a group is tried again that failed before its commit was sent, in milliseconds; undefined if it is
 * not tried again.
 */
type RetryDelay = (error: unknown, tries: number) => number | undefined

/** A queued transaction. Its promise settles only when its group is on disk, or cannot be written. */
interface Job {
  /** Again if its group is tried again. @throws what the work throws */
  run(trx: Kysely<Database>): Promise<void>
  /** The work failed, and its writes are rolled back. */
  markFailed(error: unknown): void
  settlePromise(): void
  /** Nothing of the group was written. */
  reject(error: unknown): void
}

interface Failure {
  error: unknown
  /** The commit was sent, and nobody knows whether it was carried out. */
  mayBeCommitted: boolean
}

/**
 * For a database with one writer. A commit takes until the data is on disk (2 to 3 ms on a shared disk; with SQLite the whole
 * process waits), so transactions that arrive meanwhile share the next commit. Each remains atomic on its own, through a
 * savepoint, and resolves only when its data is on disk.
 */
export const createGroupCommit = (
  db: Kysely<Database>,
  retryDelay: RetryDelay = () => undefined,
): GroupCommit => {
  const queue: Job[] = []
  let writing = false

  const tryGroup = async (group: readonly Job[]): Promise<Failure | undefined> => {
    // Kysely's own error would say only that there is no transaction to roll back.
    let cause: unknown
    let isCommitting = false
    try {
      await db.transaction().execute(async (trx) => {
        await runEach(trx, group).catch((error: unknown) => {
          cause = error
          throw error
        })
        isCommitting = true
      })
      return undefined
    } catch (error) {
      return { error: cause ?? error, mayBeCommitted: isCommitting }
    }
  }

  const writeGroup = async (): Promise<void> => {
    const group = queue.splice(0, MAX_GROUP_SIZE)
    for (let tries = 1; ; tries += 1) {
      const failure = await tryGroup(group)
      if (!failure) {
        for (const job of group) job.settlePromise()
        return
      }
      const delay = failure.mayBeCommitted ? undefined : retryDelay(failure.error, tries)
      if (delay === undefined) {
        for (const job of group) job.reject(failure.error)
        return
      }
      await sleep(delay)
    }
  }

  const writeQueue = async (): Promise<void> => {
    if (writing) return
    writing = true
    while (queue.length > 0) {
      // Lets requests that arrived during the last commit join this group.
      await nextEventLoopTurn()
      await writeGroup()
    }
    writing = false
  }

  return (work) =>
    new Promise((resolve, reject) => {
      queue.push(createJob(work, resolve, reject))
      void writeQueue()
    })
}

const createJob = <T>(
  work: (trx: Kysely<Database>) => Promise<T>,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): Job => {
  let settlePromise = (): void => {}
  return {
    run: async (trx) => {
      const value = await work(trx)
      settlePromise = () => resolve(value)
    },
    markFailed: (error) => {
      settlePromise = () => reject(error)
    },
    settlePromise: () => settlePromise(),
    reject,
  }
}

const runEach = async (trx: Kysely<Database>, group: readonly Job[]): Promise<void> => {
  for (const job of group) {
    await sql`savepoint job`.execute(trx)
    try {
      await job.run(trx)
    } catch (error) {
      await rollBackJob(trx, error)
      job.markFailed(error)
    }
    await sql`release savepoint job`.execute(trx)
  }
}

/** @throws `error` if the whole group is rolled back: SQLite does so when the disk is full, PostgreSQL when the connection is lost */
const rollBackJob = async (trx: Kysely<Database>, error: unknown): Promise<void> => {
  try {
    await sql`rollback to savepoint job`.execute(trx)
  } catch {
    throw error
  }
}
