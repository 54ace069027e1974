import { type FileHandle, open, rm } from 'node:fs/promises'
import { backup, type DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { Database } from '../schema.ts'
import { connectionOf } from './openSqlite.ts'

/** Of 4 KiB. The database is locked during a step, for about 1 ms. */
const PAGES_PER_STEP = 100
const MAX_TRIES = 50
const RETRY_MS = 20

/**
 * Copies a database that is in use into a new file, which only its owner may read. A thread copies in steps, and the reporter
 * works between them; the copy is the database as it is at the end. If it fails, the file is removed.
 * @param shouldStop checked after each step
 * @throws if the file exists or cannot be written, or when it should stop
 */
export const backupSqlite = async (
  db: Kysely<Database>,
  file: string,
  shouldStop: () => boolean = () => false,
): Promise<void> => {
  // SQLite would create the file with the permissions of the umask.
  const handle = await open(file, 'wx', 0o600)
  try {
    await copyInSteps(connectionOf(db), file, handle, shouldStop)
  } catch (error) {
    await Promise.all(['', '-journal'].map((suffix) => rm(`${file}${suffix}`, { force: true })))
    throw error
  } finally {
    await handle.close()
  }
}

const copyInSteps = async (
  source: DatabaseSync,
  file: string,
  handle: FileHandle,
  shouldStop: () => boolean,
): Promise<void> => {
  let syncing: Promise<void> | undefined
  // The last step waits, with the database locked, until everything is on disk. So most of it is written out before.
  const progress = (): void => {
    if (shouldStop()) throw new Error('The backup was stopped')
    syncing ??= handle
      .datasync()
      .catch(() => {})
      .finally(() => {
        syncing = undefined
      })
  }
  for (let tries = 1; ; tries += 1) {
    try {
      await backup(source, file, { rate: PAGES_PER_STEP, progress })
      break
    } catch (error) {
      if (tries === MAX_TRIES || !isBusy(error)) throw error
      await sleep(RETRY_MS)
    } finally {
      await syncing
    }
  }
}

/** A transaction was open at the first step. Node then reports SQLITE_BUSY, or the message "not an error" with code 0. */
const isBusy = (error: unknown): boolean => [0, 5, 6].includes(Number(Object(error).errcode ?? -1))
