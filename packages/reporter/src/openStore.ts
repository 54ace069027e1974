import { resolve as absolutePath } from 'node:path'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { type Backups, backupsByPgDump, createBackups } from './runtime/backups.ts'
import type { UnusableDatabaseError } from './store/errors.ts'
import { migrate } from './store/migrate.ts'
import { openPostgres } from './store/postgres/openPostgres.ts'
import { nameOf, type PostgresAddress } from './store/postgres/postgresAddress.ts'
import { createPostgresStore } from './store/postgres/postgresStore.ts'
import { backupSqlite } from './store/sqlite/backupSqlite.ts'
import { openSqlite } from './store/sqlite/openSqlite.ts'
import { createSqliteStore } from './store/sqlite/sqliteStore.ts'
import type { Store } from './store/store.ts'

/** The database of a configuration, open, migrated, and used by no other reporter. */
export interface OpenStore {
  store: Store
  backups: Backups
  /** The file, or the server and the database, without credentials. */
  name: string
  /** Resolves when another reporter has taken over the database. */
  lost: Promise<UnusableDatabaseError>
  close(): Promise<void>
}

/** @throws {UnusableDatabaseError} if the database cannot be used */
export const openStore = ({ databaseFile, postgres }: Config, log: Logger): Promise<OpenStore> =>
  postgres ? openInPostgres(postgres, log) : openFile(databaseFile)

const openFile = async (file: string): Promise<OpenStore> => {
  const db = openSqlite(file)
  try {
    await migrate(db)
  } catch (error) {
    await db.destroy()
    throw error
  }
  return {
    store: createSqliteStore(db),
    backups: createBackups(`${file}.backup`, (copy, shouldStop) => backupSqlite(db, copy, shouldStop)),
    name: absolutePath(file),
    // The operating system locks the file for as long as the process lives.
    lost: new Promise(() => {}),
    close: () => db.destroy(),
  }
}

const openInPostgres = async (address: PostgresAddress, log: Logger): Promise<OpenStore> => {
  const database = await openPostgres(address, {
    onConnectionError: (err) => log.warn({ err }, 'a connection to the database was lost, is made again'),
  })
  return {
    store: createPostgresStore(database),
    backups: backupsByPgDump,
    name: nameOf(address),
    lost: database.lost,
    close: database.close,
  }
}
