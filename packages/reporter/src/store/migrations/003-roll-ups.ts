import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Hourly statistics of the pages' reports. */
export const rollUps: Migration = {
  up: async (db: Kysely<unknown>): Promise<void> => {
    await db.schema
      .createTable('roll_ups')
      .addColumn('recording_id', 'text', (column) => column.notNull())
      .addColumn('attempt', 'integer', (column) => column.notNull())
      .addColumn('hour', 'bigint', (column) => column.notNull())
      .addColumn('reports', 'bigint', (column) => column.notNull())
      .addColumn('unhealthy', 'bigint', (column) => column.notNull())
      .addColumn('missed', 'bigint', (column) => column.notNull())
      .addColumn('errors', 'bigint', (column) => column.notNull())
      .addColumn('failed', 'bigint', (column) => column.notNull())
      .addColumn('late_max', 'bigint', (column) => column.notNull())
      .addColumn('blank', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('roll_ups_key', ['recording_id', 'hour', 'attempt'])
      .execute()
    await db.schema.createIndex('roll_ups_hour').on('roll_ups').column('hour').execute()
  },
}
