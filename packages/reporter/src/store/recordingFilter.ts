import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import type { Database } from './schema.ts'
import type { RecordingFilter } from './types.ts'

/** Each is one of the conditions that a filter consists of. */
export const conditionsOf = (
  where: ExpressionBuilder<Database, 'recordings'>,
  { states, kind, hasAttention, labels = {}, text }: RecordingFilter,
): Expression<SqlBool>[] => [
  where('standby_of', 'is', null),
  ...(states ? [where('state', 'in', states)] : []),
  ...(kind ? [where('kind', '=', kind)] : []),
  ...(hasAttention === undefined ? [] : [withAttention(where, hasAttention)]),
  ...Object.entries(labels).map(([name, value]) =>
    where(
      'recordings.id',
      'in',
      where.selectFrom('labels').select('recording_id').where('name', '=', name).where('value', '=', value),
    ),
  ),
  ...(text === undefined ? [] : [containing(where, text)]),
]

/** Its own, or its standby's. */
const withAttention = (where: ExpressionBuilder<Database, 'recordings'>, hasAttention: boolean) =>
  where('recordings.id', hasAttention ? 'in' : 'not in', where.selectFrom('attention').select('main_id'))

const containing = (where: ExpressionBuilder<Database, 'recordings'>, text: string) => {
  const escaped = text.replaceAll(/[\\%_]/g, '\\$&')
  const isLike = (column: string, pattern: string) =>
    sql<SqlBool>`lower(${sql.ref(column)}) like lower(${pattern}) escape '\\'`
  return where.or([
    isLike('recordings.id', `${escaped}%`),
    where(
      'recordings.id',
      'in',
      where
        .selectFrom('labels')
        .select('recording_id')
        .where(isLike('value', `%${escaped}%`)),
    ),
  ])
}
