import { type FileHandle, open, rm } from 'node:fs/promises'

/** A finished copy of the database. Its file has no name any more, and its space is freed when the handle is closed. */
export interface Backup {
  handle: FileHandle
  /** In bytes. */
  size: number
}

/** Makes backups, one at a time. */
export interface Backups {
  /**
   * @throws {BackupRunningError} while another one is being made
   * @throws {NoBackupError} if the database's own tools make backups
   * @throws if the disk is full, or after `stop`
   */
  create(): Promise<Backup>
  /** Ends the backup in progress, which fails. */
  stop(): Promise<void>
}

export class BackupRunningError extends Error {}

/** The message says what makes a backup instead. */
export class NoBackupError extends Error {}

/** Of a database that many programs can read at the same time. */
export const backupsByPgDump: Backups = {
  create: () =>
    Promise.reject(
      new NoBackupError(
        'The database is in PostgreSQL, whose own tools make backups: pg_dump, or those of your provider.',
      ),
    ),
  stop: async () => {},
}

/**
 * @param file where a backup is made, with the database's own protection: a path beside it. One that was left behind by a
 * killed process is removed
 * @param copyDatabase copies the database to a new file; it fails soon after `shouldStop` returns true
 */
export const createBackups = (
  file: string,
  copyDatabase: (file: string, shouldStop: () => boolean) => Promise<void>,
): Backups => {
  let stopping = false
  let current: Promise<Backup> | undefined

  const make = async (): Promise<Backup> => {
    if (stopping) throw new Error('The reporter is shutting down')
    await Promise.all(['', '-journal'].map((suffix) => rm(`${file}${suffix}`, { force: true })))
    await copyDatabase(file, () => stopping)
    const handle = await open(file, 'r')
    await rm(file)
    return { handle, size: (await handle.stat()).size }
  }

  return {
    create: async () => {
      if (current) throw new BackupRunningError('Another backup is being made')
      current = make()
      try {
        return await current
      } finally {
        current = undefined
      }
    },
    stop: async () => {
      stopping = true
      await current?.catch(() => {})
    },
  }
}
