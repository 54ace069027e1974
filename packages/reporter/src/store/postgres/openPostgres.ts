import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, PostgresDialect, sql } from 'kysely'
import type pg from 'pg'
import { UnusableDatabaseError } from '../errors.ts'
import { migrate } from '../migrate.ts'
import type { Database } from '../schema.ts'
import { createClaim } from './databaseClaim.ts'
import { nameOf, type PostgresAddress } from './postgresAddress.ts'
import { isTransient } from './postgresErrors.ts'
import { createPool } from './postgresPool.ts'

/** An open and migrated database in PostgreSQL, of which no other reporter can write. */
export interface PostgresDatabase {
  /** Its only connection holds the claim on the database. All writes go through it. */
  writer: Kysely<Database>
  /** For everything else. Its connections are read-only. */
  reader: Kysely<Database>
  /** Resolves when another reporter has claimed the database: nothing can be written any more. */
  lost: Promise<UnusableDatabaseError>
  close(): Promise<void>
}

export interface PostgresOptions {
  /** Of a connection that was lost while none of its queries ran. A new one takes its place. */
  onConnectionError: (err: Error) => void
  /** How long to wait for a server that cannot be reached. @default 10000 */
  startTimeoutMs?: number
  /** How long to wait for another reporter to release the database. @default 5000 */
  claimTimeoutMs?: number
}

/** Of a page of results, and of what a decision reads. */
const READERS = 8
const START_TIMEOUT_MS = 10_000
const CLAIM_TIMEOUT_MS = 5000
const RETRY_MS = 500

/**
 * Connects, claims the database for this process and migrates it.
 * @throws {UnusableDatabaseError} if the server cannot be reached, another reporter uses the database, its encoding is not
 * UTF8, or a newer version has migrated it
 */
export const openPostgres = async (
  address: PostgresAddress,
  options: PostgresOptions,
): Promise<PostgresDatabase> => {
  const { startTimeoutMs = START_TIMEOUT_MS, claimTimeoutMs = CLAIM_TIMEOUT_MS, onConnectionError } = options
  const claim = createClaim({ name: nameOf(address), timeoutMs: claimTimeoutMs })
  const open = (poolOptions: Parameters<typeof createPool>[1]): Kysely<Database> => {
    const pool = createPool(address, poolOptions)
    pool.on('error', onConnectionError)
    return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) })
  }
  const writer = open({ role: 'writer', max: 1, onConnect: claim.take })
  const reader = open({ role: 'reader', max: READERS })
  const close = async (): Promise<void> => {
    await Promise.all([writer.destroy(), reader.destroy()])
  }
  try {
    await connect(writer, address, startTimeoutMs)
    await checkEncoding(reader, address)
    const migrator = open({ role: 'migrator', max: 1 })
    await migrate(migrator).finally(() => migrator.destroy())
    return { writer, reader, lost: claim.lost, close }
  } catch (error) {
    await close()
    throw error
  }
}

const connect = async (db: Kysely<Database>, address: PostgresAddress, timeoutMs: number): Promise<void> => {
  const giveUpAt = performance.now() + timeoutMs
  for (;;) {
    try {
      await sql`select 1`.execute(db)
      return
    } catch (error) {
      if (error instanceof UnusableDatabaseError) throw error
      if (!isTransient(error) || performance.now() > giveUpAt) throw unusable(address, error)
      await sleep(RETRY_MS)
    }
  }
}

const unusable = (address: PostgresAddress, error: unknown): UnusableDatabaseError => {
  const { message, code } = error as pg.DatabaseError
  const problem = message || code || 'no answer'
  return new UnusableDatabaseError(
    `The database ${nameOf(address)} cannot be used: ${problem}. Check that DATABASE_URL is right, that the server runs, and that this user may create tables.`,
    { cause: error },
  )
}

/** Text is in any language, and only UTF8 holds all of it. */
const checkEncoding = async (db: Kysely<Database>, address: PostgresAddress): Promise<void> => {
  const { rows } = await sql<{ encoding: string }>`
    select current_setting('server_encoding') as encoding`.execute(db)
  const encoding = rows[0]?.encoding
  if (encoding === 'UTF8') return
  throw new UnusableDatabaseError(
    `The database ${nameOf(address)} has the encoding ${encoding}. Create one with UTF8: create database … encoding 'UTF8' template template0.`,
  )
}
