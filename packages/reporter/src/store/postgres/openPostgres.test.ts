import { sql } from 'kysely'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { clonedDatabase, emptyPostgres } from '../../testing/postgresDatabase.ts'
import { runOnPostgres } from '../../testing/runOnPostgres.ts'
import { UnusableDatabaseError } from '../errors.ts'
import { CLAIM_TABLE } from './databaseClaim.ts'
import { openPostgres, type PostgresDatabase, type PostgresOptions } from './openPostgres.ts'

const open = async (url: string, options: Partial<PostgresOptions> = {}): Promise<PostgresDatabase> => {
  const database = await openPostgres({ url }, { onConnectionError: () => {}, ...options })
  onTestFinished(() => database.close())
  return database
}

/** Ends the connection that holds the claim, as a restart of the server would. */
const cutOff = async ({ reader }: PostgresDatabase): Promise<void> => {
  await sql`select pg_terminate_backend(pid) from pg_locks
    where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`.execute(
    reader,
  )
}

const write = ({ writer }: PostgresDatabase) =>
  writer
    .insertInto('ticks')
    .values({ id: 1, at: 7 })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ at: 7 }))
    .execute()

/** Resolves to undefined if it has not resolved. */
const lostError = ({ lost }: PostgresDatabase) => Promise.race([lost, Promise.resolve(undefined)])

describe('a database in PostgreSQL', () => {
  test('is opened by one reporter at a time; the next one waits for it', async () => {
    const url = await clonedDatabase()
    const first = await openPostgres({ url }, { onConnectionError: () => {} })
    const refused = open(url, { claimTimeoutMs: 100 })
    await expect(refused).rejects.toThrow(UnusableDatabaseError)
    await expect(refused).rejects.toThrow(/^Another reporter uses the database 127\.0\.0\.1:\d+\/t\w+\. /)
    const waiting = open(url)
    await first.close()
    await write(await waiting)
  })

  test('is claimed again when the connection was lost', async () => {
    const lost: Error[] = []
    const database = await open(await clonedDatabase(), { onConnectionError: (err) => lost.push(err) })
    await cutOff(database)
    await expect.poll(() => lost.length).toBe(1)
    await write(database)
    expect(await lostError(database)).toBeUndefined()
  })

  test('cannot be written by a reporter whose connection was lost, once another one has used it', async () => {
    const url = await clonedDatabase()
    const database = await open(url)
    await cutOff(database)
    const other = await openPostgres({ url }, { onConnectionError: () => {} })
    await expect(write(database)).rejects.toThrow(UnusableDatabaseError)
    // The lock may still be its own, of a connection that the server believes to be alive.
    expect(await lostError(database)).toBeUndefined()
    await other.close()
    await expect(write(database)).rejects.toThrow(UnusableDatabaseError)
    expect((await database.lost).message).toContain('Another reporter uses the database')
  })

  test('that no server offers is waited for, and then named without its password', async () => {
    const url = 'postgres://app:SECRET@127.0.0.1:9/rolling'
    const startedAt = performance.now()
    const error = await open(url, { startTimeoutMs: 600 }).catch((reason: unknown) => reason)
    expect(performance.now() - startedAt).toBeGreaterThan(600)
    expect(error).toBeInstanceOf(UnusableDatabaseError)
    expect(String(error)).toContain('The database 127.0.0.1:9/rolling cannot be used: connect ECONNREFUSED')
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('SECRET')
  })

  test('that refuses the password is not waited for', async () => {
    const url = new URL(inject('postgres'))
    url.password = 'SECRET-wrong'
    const error = await open(url.href).catch((reason: unknown) => reason)
    expect(String(error)).toContain('password authentication failed')
    expect(String(error)).not.toContain('SECRET')
  })

  test('must hold every text', async () => {
    const url = new URL(inject('postgres'))
    await runOnPostgres(url.href, "create database ascii encoding 'SQL_ASCII' template template0")
    url.pathname = '/ascii'
    await expect(open(url.href)).rejects.toThrow(/has the encoding SQL_ASCII/)
  })

  test('compares texts by their bytes, whatever its language', async () => {
    const url = new URL(inject('postgres'))
    const language = "template template0 locale_provider icu icu_locale 'en-US' locale 'C'"
    await runOnPostgres(url.href, `create database english ${language}`)
    url.pathname = '/english'
    const { reader } = await open(url.href)
    const { rows } = await sql<{ sorted: string }>`
      select string_agg(id, ' ' order by id) as sorted from (values ('b'), ('B'), ('a')) as ids (id)`.execute(
      reader,
    )
    expect(rows, 'the language of the database').toEqual([{ sorted: 'a b B' }])
    const columns = await sql<{ name: string; collation: string | null }>`
      select table_name || '.' || column_name as name, collation_name as collation from information_schema.columns
      where table_schema = 'public' and data_type = 'text'
        and table_name not like 'kysely%' and table_name <> ${CLAIM_TABLE}`.execute(reader)
    expect(columns.rows.length).toBeGreaterThan(20)
    expect(columns.rows.filter(({ collation }) => collation !== 'C')).toEqual([])
  })

  test('is read by connections that cannot write', async () => {
    const { reader } = await emptyPostgres()
    await expect(reader.deleteFrom('recordings').execute()).rejects.toThrow('read-only transaction')
  })
})
