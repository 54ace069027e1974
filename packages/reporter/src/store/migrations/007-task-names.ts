import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { isPostgres } from '../dialect.ts'

/**
 * The names of a recording's tasks at Agora. Until here every recording was a page: its cname was its id. A body that cannot
 * be read names no `uidBase`, and gets the one that all recordings had.
 */
export const taskNames: Migration = {
  up: async (db: Kysely<unknown>): Promise<void> => {
    await db.schema
      .alterTable('recordings')
      .addColumn('cname', 'text', (column) => column.notNull().defaultTo(''))
      .execute()
    await db.schema
      .alterTable('recordings')
      .addColumn('uid_base', 'bigint', (column) => column.notNull().defaultTo(900_000))
      .execute()
    await db.schema.alterTable('recordings').addColumn('standby_of', 'text').execute()
    if (!isPostgres(db))
      await sql`update recordings set cname = id, uid_base =
      coalesce(iif(json_valid(body), body, '{}') ->> '$.uidBase', 900000)`.execute(db)
    await db.schema
      .createIndex('recordings_task_names')
      .unique()
      .on('recordings')
      .columns(['cname', 'uid_base'])
      .execute()
    await db.schema.createIndex('recordings_standby_of').on('recordings').column('standby_of').execute()
  },
}
