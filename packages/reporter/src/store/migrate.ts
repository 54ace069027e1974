import { type Kysely, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { isPostgres } from './dialect.ts'
import { UnusableDatabaseError } from './errors.ts'
import { migrations } from './migrations/index.ts'
import { ByteOrder } from './postgres/byteOrder.ts'
import type { Database } from './schema.ts'

/**
 * Migrates the database to this version's schema, in one transaction.
 * @throws {UnusableDatabaseError} if a newer version has migrated the database
 * @throws if a migration fails
 */
export const migrate = async (db: Kysely<Database>): Promise<void> => {
  await refuseNewerDatabase(db)
  const migrator = new Migrator({
    db: isPostgres(db) ? db.withPlugin(new ByteOrder()) : db,
    provider: { getMigrations: async () => migrations },
  })
  const { error, results } = await migrator.migrateToLatest()
  if (error === undefined) return
  const failed = results?.find(({ status }) => status === 'Error')?.migrationName
  const what = failed === undefined ? 'The database cannot be migrated' : `The migration ${failed} failed`
  throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
}

/** Kysely's own error calls the migrations corrupted. */
const refuseNewerDatabase = async (db: Kysely<Database>): Promise<void> => {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(({ name }) => name === 'kysely_migration')) return
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  const unknown = rows.map(({ name }) => name).filter((name) => !Object.hasOwn(migrations, name))
  if (unknown.length === 0) return
  throw new UnusableDatabaseError(
    `A newer version of Stillrolling has migrated the database (${unknown.join(', ')}), and this version cannot use it. Start the newer version, or restore the backup from before the upgrade.`,
  )
}
