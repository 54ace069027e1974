import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { growingId } from './growingId.ts'

export const initial: Migration = {
  up: async (db: Kysely<unknown>): Promise<void> => {
    await db.schema
      .createTable('recordings')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('version', 'bigint', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('due_at', 'bigint')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addColumn('request', 'text', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('recordings_due').on('recordings').column('due_at').execute()
    await db.schema.createIndex('recordings_created').on('recordings').columns(['created_at', 'id']).execute()

    await db.schema
      .createTable('attempts')
      .addColumn('recording_id', 'text', (column) => column.notNull())
      .addColumn('number', 'integer', (column) => column.notNull())
      .addColumn('uid', 'text', (column) => column.notNull())
      .addColumn('sid', 'text')
      .addPrimaryKeyConstraint('attempts_key', ['recording_id', 'number'])
      .execute()
    await db.schema.createIndex('attempts_sid').on('attempts').column('sid').execute()
    await db.schema
      .createIndex('attempts_uid')
      .unique()
      .on('attempts')
      .columns(['recording_id', 'uid'])
      .execute()

    await db.schema
      .createTable('timeline')
      .addColumn('id', ...growingId(db))
      .addColumn('recording_id', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('code', 'text', (column) => column.notNull())
      .addColumn('attempt', 'integer')
      .addColumn('message', 'text', (column) => column.notNull())
      .addColumn('evidence', 'text', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('timeline_recording').on('timeline').columns(['recording_id', 'id']).execute()

    await db.schema
      .createTable('effects')
      .addColumn('id', ...growingId(db))
      .addColumn('recording_id', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('attempt', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('claimed_until', 'bigint', (column) => column.notNull().defaultTo(0))
      .execute()
    await db.schema
      .createIndex('effects_claim')
      .on('effects')
      .columns(['kind', 'claimed_until', 'id'])
      .execute()

    await db.schema
      .createTable('notifications')
      .addColumn('notice_id', 'text', (column) => column.primaryKey())
      .addColumn('sid', 'text', (column) => column.notNull())
      .addColumn('uid', 'text', (column) => column.notNull())
      .addColumn('event_type', 'integer', (column) => column.notNull())
      .addColumn('sequence', 'bigint')
      .addColumn('received_at', 'bigint', (column) => column.notNull())
      .execute()
    // Redundant delivery sends an event twice with two noticeIds; null sequences are distinct to both engines.
    await db.schema
      .createIndex('notifications_sequence')
      .unique()
      .on('notifications')
      .columns(['sid', 'uid', 'event_type', 'sequence'])
      .execute()

    await db.schema
      .createTable('beats')
      .addColumn('recording_id', 'text', (column) => column.primaryKey())
      .addColumn('attempt', 'integer', (column) => column.notNull())
      .addColumn('page', 'text', (column) => column.notNull())
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .execute()

    await db.schema
      .createTable('ticks')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .execute()
  },
}
