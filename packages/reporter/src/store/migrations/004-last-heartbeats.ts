import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The table is named after its rows: each is the last heartbeat of a recording. */
export const lastHeartbeats: Migration = {
  up: async (db: Kysely<unknown>): Promise<void> => {
    await db.schema.alterTable('beats').renameTo('last_heartbeats').execute()
  },
}
