import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { isPostgres } from '../dialect.ts'

/**
 * Until when Agora may run an orphaned attempt of a recording, so that no query has to look into the bodies. Without
 * `mayRunUntil`, as an earlier version wrote it, it is unknown. A damaged body or attempt names no orphan.
 */
export const orphans: Migration = {
  up: async (db: Kysely<unknown>): Promise<void> => {
    await db.schema.alterTable('recordings').addColumn('runs_until', 'bigint').execute()
    // A database in PostgreSQL has no rows of earlier versions.
    if (isPostgres(db)) return
    await sql`update recordings set runs_until = (
      select max(coalesce(attempt.value ->> 'mayRunUntil', ${Number.MAX_SAFE_INTEGER}))
      from json_each(iif(json_valid(body), body, '{}'), '$.attempts') as attempt
      where case when attempt.type = 'object' then attempt.value ->> 'state' = 'orphaned' else false end)`.execute(
      db,
    )
  },
}
