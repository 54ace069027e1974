import type { ColumnDefinitionBuilder, Kysely } from 'kysely'
import { isPostgres } from '../dialect.ts'

/** Type and definition of a primary key that grows with each row. */
export const growingId = (
  db: Kysely<unknown>,
): ['bigint' | 'integer', (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder] =>
  isPostgres(db)
    ? ['bigint', (column) => column.primaryKey().generatedAlwaysAsIdentity()]
    : ['integer', (column) => column.primaryKey().autoIncrement()]
