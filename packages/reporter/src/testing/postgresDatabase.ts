import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, inject } from 'vitest'
import { CLAIM_TABLE } from '../store/postgres/databaseClaim.ts'
import { openPostgres, type PostgresDatabase } from '../store/postgres/openPostgres.ts'
import { runOnPostgres } from './runOnPostgres.ts'

/** A migrated, empty database of its own on the server of this run. @returns its address */
export const clonedDatabase = async (): Promise<string> => {
  const url = new URL(inject('postgres'))
  const name = `t${randomUUID().replaceAll('-', '')}`
  await runOnPostgres(url.href, `create database ${name} template migrated`)
  url.pathname = `/${name}`
  return url.href
}

/** The database of this test file. */
let opened: Promise<PostgresDatabase> | undefined

afterAll(async () => {
  await (await opened)?.close()
})

/** The database of this test file, without rows. Opening one for each test would take ten times as long. */
export const emptyPostgres = async (): Promise<PostgresDatabase> => {
  opened ??= clonedDatabase().then((url) => openPostgres({ url }, { onConnectionError: () => {} }))
  const database = await opened
  const tables = await database.writer.introspection.getTables()
  const names = tables.flatMap(({ name }) => (name === CLAIM_TABLE ? [] : sql.id(name)))
  await sql`truncate ${sql.join(names)} restart identity`.execute(database.writer)
  return database
}
