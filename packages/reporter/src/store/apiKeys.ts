import type { Kysely } from 'kysely'
import type { Time } from '../supervisor/recording.ts'
import type { ApiKeysTable, Database } from './schema.ts'
import { type ApiKey, KEY_SCOPES } from './types.ts'

export const insertApiKey = async (
  db: Kysely<Database>,
  { id, name, scope, createdAt, lastUsedAt, revokedAt }: ApiKey,
  hash: string,
): Promise<void> => {
  const times = { created_at: createdAt, last_used_at: lastUsedAt, revoked_at: revokedAt }
  await db
    .insertInto('api_keys')
    .values({ id, name, scope, hash, ...times })
    .execute()
}

export const findApiKey = async (db: Kysely<Database>, hash: string): Promise<ApiKey | undefined> => {
  const row = await db.selectFrom('api_keys').selectAll().where('hash', '=', hash).executeTakeFirst()
  return row && keyOf(row)
}

export const readApiKeys = async (db: Kysely<Database>): Promise<ApiKey[]> => {
  const rows = await db.selectFrom('api_keys').selectAll().orderBy('created_at').orderBy('id').execute()
  return rows.flatMap((row) => keyOf(row) ?? [])
}

export const revokeApiKey = async (db: Kysely<Database>, id: string, now: Time): Promise<void> => {
  await db
    .updateTable('api_keys')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .execute()
}

export const markApiKeyUsed = async (db: Kysely<Database>, id: string, now: Time): Promise<void> => {
  await db.updateTable('api_keys').set({ last_used_at: now }).where('id', '=', id).execute()
}

export const pruneApiKeys = async (db: Kysely<Database>, before: Time, limit: number): Promise<number> => {
  const { numDeletedRows } = await db
    .deleteFrom('api_keys')
    .where('id', 'in', (old) =>
      old.selectFrom('api_keys').select('id').where('revoked_at', '<', before).limit(limit),
    )
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** Undefined for a scope of a later version: its key has no rights here. */
const keyOf = (row: ApiKeysTable): ApiKey | undefined => {
  const scope = KEY_SCOPES.find((each) => each === row.scope)
  return (
    scope && {
      ...{ id: row.id, name: row.name, scope },
      createdAt: Number(row.created_at),
      lastUsedAt: timeOrNull(row.last_used_at),
      revokedAt: timeOrNull(row.revoked_at),
    }
  )
}

const timeOrNull = (at: number | null): Time | null => (at === null ? null : Number(at))
