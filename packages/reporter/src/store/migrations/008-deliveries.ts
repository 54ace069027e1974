import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { growingId } from './growingId.ts'

/**
 * What is sent to the business server. A queue is one recording's deliveries to one destination; its row says when its
 * first pending delivery, the head, may be sent. So the heads are found without looking at the deliveries behind them.
 */
export const deliveries: Migration = {
  up: async (db: Kysely<unknown>): Promise<void> => {
    await db.schema
      .createTable('deliveries')
      .addColumn('position', ...growingId(db))
      .addColumn('id', 'text', (column) => column.notNull().unique())
      .addColumn('destination', 'text', (column) => column.notNull())
      .addColumn('recording_id', 'text', (column) => column.notNull())
      .addColumn('sequence', 'bigint', (column) => column.notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('queued_at', 'bigint', (column) => column.notNull())
      .addColumn('redelivered', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('tries', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('first_tried_at', 'bigint')
      .addColumn('ended_at', 'bigint')
      .addColumn('last_try', 'text')
      .execute()
    await db.schema
      .createIndex('deliveries_recording')
      .on('deliveries')
      .columns(['recording_id', 'position'])
      .execute()
    await db.schema
      .createIndex('deliveries_destination')
      .on('deliveries')
      .columns(['destination', 'position'])
      .execute()
    await db.schema.createIndex('deliveries_type').on('deliveries').columns(['type', 'position']).execute()
    await sql`create index deliveries_pending on deliveries (recording_id, destination, sequence)
      where state = 'pending'`.execute(db)
    await sql`create index deliveries_waiting on deliveries (destination, queued_at)
      where state = 'pending'`.execute(db)
    await sql`create index deliveries_failed on deliveries (destination, created_at)
      where state = 'failed'`.execute(db)

    await db.schema
      .createTable('delivery_queues')
      .addColumn('recording_id', 'text', (column) => column.notNull())
      .addColumn('destination', 'text', (column) => column.notNull())
      .addColumn('last_sequence', 'bigint', (column) => column.notNull())
      .addColumn('due_at', 'bigint')
      .addColumn('retrying', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('claimed_until', 'bigint', (column) => column.notNull().defaultTo(0))
      .addPrimaryKeyConstraint('delivery_queues_key', ['recording_id', 'destination'])
      .execute()
    await sql`create index delivery_queues_due on delivery_queues (destination, retrying, due_at)
      where due_at is not null`.execute(db)

    await db.schema
      .createTable('destinations')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('paused_at', 'bigint')
      .addColumn('failing_since', 'bigint')
      .execute()

    await db.schema
      .createTable('delivery_causes')
      .addColumn('recording_id', 'text', (column) => column.notNull())
      .addColumn('destination', 'text', (column) => column.notNull())
      .addColumn('cause', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('delivery_causes_key', ['recording_id', 'destination', 'cause'])
      .execute()
    await db.schema
      .createIndex('delivery_causes_cause')
      .on('delivery_causes')
      .columns(['destination', 'cause'])
      .execute()
  },
}
