import { closeSync, openSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { Kysely, SqliteAdapter, SqliteDialect, sql } from 'kysely'
import { UnusableDatabaseError } from '../errors.ts'
import type { Database } from '../schema.ts'

/** During a restart the old process may still hold the file for a moment. */
const LOCK_TIMEOUT_MS = 5000

/**
 * Opens an SQLite database and locks the file, so that two reporters can never supervise the same recordings. The
 * operating system releases the lock when the process dies. A new file can be read by its owner only.
 * @param file a path, or `:memory:`
 * @param lockTimeoutMs how long to wait for another process to release the file
 * @throws {UnusableDatabaseError} if another process holds the file, or it cannot be opened
 */
export const openSqlite = (file: string, lockTimeoutMs: number = LOCK_TIMEOUT_MS): Kysely<Database> => {
  let database: DatabaseSync | undefined
  try {
    createPrivately(file)
    database = new DatabaseSync(file, { timeout: lockTimeoutMs })
    database.exec('pragma locking_mode = exclusive')
    enableIncrementalVacuum(database)
    database.exec('pragma journal_mode = wal')
    database.exec('pragma synchronous = full')
    database.exec('pragma foreign_keys = on')
    // A long transaction grows the write-ahead log; this shrinks it again.
    database.exec(`pragma journal_size_limit = ${MAX_WAL_BYTES}`)
    // Takes the lock now rather than at the first write.
    database.exec('begin exclusive; commit')
    const db = new Kysely<Database>({ dialect: new Dialect({ database: adapt(database) }) })
    connections.set(db, database)
    return db
  } catch (error) {
    database?.close()
    throw new UnusableDatabaseError(explain(file, error), { cause: error })
  }
}

/** SQLite would create the file with the permissions of the umask. Its journals have those of the file. */
const createPrivately = (file: string): void => {
  if (file !== ':memory:') closeSync(openSync(file, 'a', 0o600))
}

const connections = new WeakMap<Kysely<Database>, DatabaseSync>()

/** The connection beneath a database from `openSqlite`. Queries go through Kysely; this is for what it does not offer. */
export const connectionOf = (db: Kysely<Database>): DatabaseSync => {
  const connection = connections.get(db)
  if (!connection) throw new Error('The database was not opened by openSqlite')
  return connection
}

const MAX_WAL_BYTES = 16 * 1024 * 1024
/** Pages that one call returns to the file system: a transaction of a few milliseconds. */
const SHRINK_PAGES = 2000

/** Allows the file to shrink. A file created without `auto_vacuum` is rewritten once. */
const enableIncrementalVacuum = (database: DatabaseSync): void => {
  const { auto_vacuum: mode } = database.prepare('pragma auto_vacuum').get() ?? {}
  if (mode === 2) return
  database.exec('pragma auto_vacuum = incremental')
  database.exec('vacuum')
}

/** Returns the space of removed rows to the file system. */
export const shrinkSqlite = async (db: Kysely<Database>): Promise<void> => {
  await sql`pragma incremental_vacuum(${sql.lit(SHRINK_PAGES)})`.execute(db)
}

/** SQLite can roll back DDL. Kysely assumes that it cannot, and would not migrate in one transaction. */
class Dialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new Adapter()
  }
}

class Adapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

const explain = (file: string, error: unknown): string => {
  const problem = error instanceof Error ? error.message : String(error)
  return /locked|busy/i.test(problem)
    ? `Another process uses the database ${file}. SQLite allows one reporter: stop the other one, or give this one its own DATABASE_FILE.`
    : `The database ${file} cannot be opened: ${problem}. Check that DATABASE_FILE is right, that its folder exists and that it is writable.`
}

interface PreparedStatement {
  readonly reader: boolean
  all(parameters: readonly unknown[]): unknown[]
  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint }
  iterate(parameters: readonly unknown[]): IterableIterator<unknown>
}

interface KyselySqlite {
  close(): void
  prepare(statement: string): PreparedStatement
}

/** Adapts node:sqlite to the interface of better-sqlite3, which Kysely expects. */
const adapt = (database: DatabaseSync): KyselySqlite => ({
  close: () => database.close(),
  prepare: (text) => {
    const statement = database.prepare(text)
    return {
      // incremental_vacuum has no columns but takes one step per page, and `run` takes only one step.
      reader: statement.columns().length > 0 || text.startsWith('pragma incremental_vacuum'),
      all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
      run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
      iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
    }
  },
})
