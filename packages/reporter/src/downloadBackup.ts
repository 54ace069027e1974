import { open, rename, rm } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import type { ClientConfig } from './configSchema.ts'

/** The backup could not be made. The message says why and what to do. */
export class BackupError extends Error {}

/**
 * Downloads a backup of a running reporter's database, and checks it. Only the file's owner may read it. An existing file is
 * replaced, once the new one is complete.
 * @returns its size in bytes
 * @throws {BackupError} if the reporter cannot be reached or refuses, or if the download is incomplete or damaged
 * @throws if the file cannot be written
 */
export const downloadBackup = async ({ url, apiKey }: ClientConfig, file: string): Promise<number> => {
  const partial = `${file}.partial`
  await rm(partial, { force: true })
  const response = await request(url, apiKey)
  try {
    const size = await write(response, partial)
    check(partial)
    await rename(partial, file)
    return size
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}

const request = async (url: string, apiKey: string | undefined): Promise<Response> => {
  const headers = apiKey === undefined ? undefined : { authorization: `Bearer ${apiKey}` }
  const response = await fetch(`${url}/v1/backup`, { method: 'POST', headers }).catch(() => {
    throw new BackupError(
      `No reporter answers at ${url}. Is it running, and are HOST and PORT those of the reporter? A stopped one needs no backup command: copy its database file.`,
    )
  })
  if (!response.ok)
    throw new BackupError(`The reporter answered ${response.status}: ${await response.text()}`)
  return response
}

const write = async (response: Response, file: string): Promise<number> => {
  const handle = await open(file, 'wx', 0o600)
  try {
    let size = 0
    for await (const chunk of response.body ?? []) {
      await handle.write(chunk)
      size += chunk.length
    }
    await handle.sync()
    if (String(size) !== response.headers.get('content-length')) throw new Error('the end is missing')
    return size
  } catch (error) {
    // Node's fetch reports a connection that ended early as "terminated".
    if (error instanceof Error && 'code' in error && 'syscall' in error) throw error
    throw new BackupError('The download was interrupted. Try again.')
  } finally {
    await handle.close()
  }
}

/**
 * Checks the database, and gives it a journal mode in which the one file is all of it.
 * @throws {BackupError} if it is damaged
 */
const check = (file: string): void => {
  const database = new DatabaseSync(file)
  try {
    const problem = problemOf(database)
    if (problem !== 'ok') throw new BackupError(`The backup is damaged: ${problem}. Try again.`)
  } finally {
    database.close()
  }
}

/** `ok` if there is none. Damage that SQLite meets before it can check the rest is an error of the statement. */
const problemOf = (database: DatabaseSync): unknown => {
  try {
    database.exec('pragma journal_mode = delete')
    return database.prepare('pragma quick_check').get()?.quick_check
  } catch (error) {
    return error instanceof Error ? error.message : error
  }
}
