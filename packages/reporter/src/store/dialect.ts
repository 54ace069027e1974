import { type Kysely, PostgresAdapter } from 'kysely'

/** Whether queries go to PostgreSQL; otherwise they go to SQLite. */
export const isPostgres = (db: Pick<Kysely<unknown>, 'getExecutor'>): boolean =>
  db.getExecutor().adapter instanceof PostgresAdapter
