import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { Kysely, SqliteAdapter, SqliteDialect, sql } from 'kysely'
import type { Database } from './schema.ts'

/** How long a second process waits for the first to let go of the file, in milliseconds: a restart overlaps. */
const PATIENCE_MS = 5000

/** The database file cannot be used; says why and what to do. */
export class DatabaseFileError extends Error {}

/**
 * Opens an SQLite database for one process. The file is locked as long as it is open, so that two reporters
 * can never supervise the same recordings; the operating system lets go of it when the process dies.
 * @param file a path, or `:memory:`
 * @param patienceMs how long to wait for another process to let go of the file
 * @throws {DatabaseFileError} when another process has it, or it cannot be opened
 */
export const openSqlite = (file: string, patienceMs: number = PATIENCE_MS): Kysely<Database> => {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { timeout: patienceMs })
    database.exec('pragma locking_mode = exclusive')
    giveRoomBack(database)
    database.exec('pragma journal_mode = wal')
    database.exec('pragma synchronous = full')
    database.exec('pragma foreign_keys = on')
    // A long transaction makes the log long; it need not stay so.
    database.exec(`pragma journal_size_limit = ${LONGEST_LOG_BYTES}`)
    // Takes the lock now, not at the first write.
    database.exec('begin exclusive; commit')
    return new Kysely<Database>({ dialect: new Dialect({ database: adapt(database) }) })
  } catch (error) {
    database?.close()
    throw new DatabaseFileError(explain(file, error), { cause: error })
  }
}

const LONGEST_LOG_BYTES = 16 * 1024 * 1024
/** Pages that are given back at once; a transaction of a few milliseconds. */
const SHRINK_PAGES = 2000

/** Lets the file become smaller again (`auto_vacuum`). One that was made without is rewritten, once. */
const giveRoomBack = (database: DatabaseSync): void => {
  const { auto_vacuum: mode } = database.prepare('pragma auto_vacuum').get() ?? {}
  if (mode === 2) return
  database.exec('pragma auto_vacuum = incremental')
  database.exec('vacuum')
}

/** Gives the room of removed rows back to the file system. */
export const shrinkSqlite = async (db: Kysely<Database>): Promise<void> => {
  await sql`pragma incremental_vacuum(${sql.lit(SHRINK_PAGES)})`.execute(db)
}

/** SQLite takes back DDL like any other statement; Kysely assumes that it does not, and would migrate piecemeal. */
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
  const words = error instanceof Error ? error.message : String(error)
  return /locked|busy/i.test(words)
    ? `Another process uses the database ${file}. SQLite serves one reporter: stop the other one, or give this one a DATABASE_FILE of its own.`
    : `The database ${file} cannot be opened: ${words}. Check DATABASE_FILE, that its folder exists, and that it may be written.`
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

/** Kysely expects better-sqlite3's shape; node:sqlite differs in how parameters are passed. */
const adapt = (database: DatabaseSync): KyselySqlite => ({
  close: () => database.close(),
  prepare: (text) => {
    const statement = database.prepare(text)
    return {
      // incremental_vacuum has no columns, and a step for each page: "run" takes only one.
      reader: statement.columns().length > 0 || text.startsWith('pragma incremental_vacuum'),
      all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
      run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
      iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
    }
  },
})
