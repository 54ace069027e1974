import { setImmediate as turn } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import type { Database } from './schema.ts'

/** Runs a transaction, together with others that are asked for at the same time. */
export type GroupCommit = <T>(work: (trx: Kysely<Database>) => Promise<T>) => Promise<T>

/** In one group: what a turn of the event loop may take. */
const MOST = 64

/** A transaction that waits. What came of it is told once its group is on the disk, or is not. */
interface Job {
  /** Rejects when the work does. */
  run(trx: Kysely<Database>): Promise<void>
  /** The work rejected, and is undone. */
  undone(error: unknown): void
  tell(): void
  /** Nothing of the group was written. */
  lost(error: unknown): void
}

/**
 * For a database with one writer, whose commit holds up the whole process until the disk has it (2 to 3 ms where others
 * use it too): what comes in the meantime is written by one commit. Each transaction is still all or nothing by itself,
 * and nobody is told that it is done before it is on the disk.
 */
export const createGroupCommit = (db: Kysely<Database>): GroupCommit => {
  const waiting: Job[] = []
  let writing = false

  const writeGroup = async (): Promise<void> => {
    const group = waiting.splice(0, MOST)
    // Kysely's error would only say that there is nothing left to roll back.
    let cause: unknown
    try {
      await db.transaction().execute((trx) =>
        runEach(trx, group).catch((error: unknown) => {
          cause = error
          throw error
        }),
      )
      for (const job of group) job.tell()
    } catch (error) {
      for (const job of group) job.lost(cause ?? error)
    }
  }

  const write = async (): Promise<void> => {
    if (writing) return
    writing = true
    while (waiting.length > 0) {
      // What has come in while the disk was waited for is taken in first.
      await turn()
      await writeGroup()
    }
    writing = false
  }

  return (work) =>
    new Promise((resolve, reject) => {
      waiting.push(jobOf(work, resolve, reject))
      void write()
    })
}

const jobOf = <T>(
  work: (trx: Kysely<Database>) => Promise<T>,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): Job => {
  let outcome = (): void => {}
  return {
    run: async (trx) => {
      const value = await work(trx)
      outcome = () => resolve(value)
    },
    undone: (error) => {
      outcome = () => reject(error)
    },
    tell: () => outcome(),
    lost: reject,
  }
}

const runEach = async (trx: Kysely<Database>, group: readonly Job[]): Promise<void> => {
  for (const job of group) {
    await sql`savepoint job`.execute(trx)
    try {
      await job.run(trx)
    } catch (error) {
      await undo(trx, error)
      job.undone(error)
    }
    await sql`release savepoint job`.execute(trx)
  }
}

/** @throws the job's own error when the database has undone the whole group already, as it does when the disk is full */
const undo = async (trx: Kysely<Database>, error: unknown): Promise<void> => {
  try {
    await sql`rollback to savepoint job`.execute(trx)
  } catch {
    throw error
  }
}
