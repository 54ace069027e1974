import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The downtimes of the reporter, added up in one row. */
export const downtimes: Migration = {
  up: async (db: Kysely<unknown>): Promise<void> => {
    await db.schema
      .createTable('downtimes')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('count', 'integer', (column) => column.notNull())
      .addColumn('downtime_ms', 'bigint', (column) => column.notNull())
      .addColumn('clock_step_back_ms', 'bigint', (column) => column.notNull())
      .addColumn('ended_at', 'bigint', (column) => column.notNull())
      .execute()
  },
}
