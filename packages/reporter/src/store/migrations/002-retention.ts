import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Indexes for finding old rows without reading the others. */
export const retention: Migration = {
  up: async (db: Kysely<unknown>): Promise<void> => {
    await db.schema
      .createIndex('recordings_updated')
      .on('recordings')
      .columns(['state', 'updated_at'])
      .execute()
    await db.schema.createIndex('notifications_received').on('notifications').column('received_at').execute()
  },
}
