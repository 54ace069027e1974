import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { isPostgres } from '../dialect.ts'

/**
 * What recordings are listed and counted by, without reading their bodies. Until here there were no labels. When a recording
 * reached its state is not known: it was not later than its last write.
 */
export const filters: Migration = {
  up: async (db: Kysely<unknown>): Promise<void> => {
    await db.schema
      .alterTable('recordings')
      .addColumn('kind', 'text', (column) => column.notNull().defaultTo('page'))
      .execute()
    await db.schema
      .alterTable('recordings')
      .addColumn('state_since', 'bigint', (column) => column.notNull().defaultTo(0))
      .execute()
    if (!isPostgres(db))
      await sql`update recordings set state_since = updated_at, kind =
      coalesce(iif(json_valid(request), request, '{}') ->> '$.kind', 'page')`.execute(db)

    await db.schema
      .createTable('labels')
      .addColumn('recording_id', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('labels_key', ['recording_id', 'name'])
      .execute()
    await db.schema
      .createIndex('labels_value')
      .on('labels')
      .columns(['name', 'value', 'recording_id'])
      .execute()

    await db.schema
      .createTable('attention')
      .addColumn('recording_id', 'text', (column) => column.notNull())
      .addColumn('code', 'text', (column) => column.notNull())
      .addColumn('since', 'bigint', (column) => column.notNull())
      .addColumn('main_id', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('attention_key', ['recording_id', 'code'])
      .execute()
    await db.schema.createIndex('attention_code').on('attention').columns(['code', 'since']).execute()
    await db.schema.createIndex('attention_main').on('attention').column('main_id').execute()
    if (!isPostgres(db))
      await sql`insert into attention (recording_id, code, since, main_id)
      select recordings.id, each.value ->> '$.code', min(each.value ->> '$.since'),
        coalesce(recordings.standby_of, recordings.id)
      from recordings, json_each(iif(json_valid(body), body, '{}'), '$.attention') as each
      where each.type = 'object' and each.value ->> '$.code' is not null
        and typeof(each.value ->> '$.since') = 'integer'
      group by recordings.id, each.value ->> '$.code'`.execute(db)

    await db.schema.dropIndex('recordings_created').execute()
    await db.schema
      .createIndex('recordings_listed')
      .on('recordings')
      .columns(['standby_of', 'created_at', 'id', 'state', 'kind'])
      .execute()
    await db.schema
      .createIndex('recordings_state_since')
      .on('recordings')
      .columns(['state', 'state_since', 'standby_of'])
      .execute()
    await db.schema.dropIndex('recordings_standby_of').execute()
  },
}
