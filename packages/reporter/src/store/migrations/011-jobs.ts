import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { growingId } from './growingId.ts'

/** Commands to many recordings. An item is one recording of a job; it is removed once its command was carried out. */
export const jobs: Migration = {
  up: async (db: Kysely<unknown>): Promise<void> => {
    await db.schema
      .createTable('jobs')
      .addColumn('position', ...growingId(db))
      .addColumn('id', 'text', (column) => column.notNull().unique())
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('request', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('total', 'integer', (column) => column.notNull())
      .addColumn('done', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('failed', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('ended_at', 'bigint')
      .execute()
    await db.schema.createIndex('jobs_state').on('jobs').columns(['state', 'position']).execute()
    await db.schema.createIndex('jobs_ended').on('jobs').column('ended_at').execute()

    await db.schema
      .createTable('job_items')
      .addColumn('job_id', 'text', (column) => column.notNull())
      .addColumn('position', 'integer', (column) => column.notNull())
      .addColumn('recording_id', 'text', (column) => column.notNull())
      .addColumn('problem', 'text')
      .addPrimaryKeyConstraint('job_items_key', ['job_id', 'position'])
      .execute()
    await sql`create index job_items_pending on job_items (job_id, position) where problem is null`.execute(
      db,
    )
    await sql`create index job_items_failed on job_items (job_id, position) where problem is not null`.execute(
      db,
    )
  },
}
