import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { migrations } from './migrations/index.ts'
import type { Database } from './schema.ts'

/**
 * Migrates the database to this version's schema, in one transaction.
 * @throws if a migration fails, or a newer version has migrated the database
 */
export const migrate = async (db: Kysely<Database>): Promise<void> => {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error, results } = await migrator.migrateToLatest()
  if (error === undefined) return
  const failed = results?.find(({ status }) => status === 'Error')?.migrationName
  const what = failed === undefined ? 'The database cannot be migrated' : `The migration ${failed} failed`
  throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
}
