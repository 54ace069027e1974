import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Attempts that no decision needs any more move from the recording's body into their own rows. */
export const settledAttempts: Migration = {
  up: async (db: Kysely<unknown>): Promise<void> => {
    await db.schema.alterTable('attempts').addColumn('settled', 'text').execute()
    await db.schema
      .alterTable('attempts')
      .addColumn('recorded', 'integer', (column) => column.notNull().defaultTo(0))
      .execute()
    await db.schema
      .createIndex('attempts_recorded')
      .on('attempts')
      .columns(['recording_id', 'recorded', 'number'])
      .execute()
  },
}
