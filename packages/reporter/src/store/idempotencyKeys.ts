import type { Kysely } from 'kysely'
import type { Time } from '../supervisor/recording.ts'
import type { Database } from './schema.ts'
import type { IdempotencyKey } from './types.ts'

/**
 * For so long a key is kept. No recording is removed before: retention keeps each for a day at least after its last change.
 */
export const IDEMPOTENCY_KEY_MS = 86_400_000

/** The primary key refuses a second row. */
export const insertIdempotencyKey = async (
  db: Kysely<Database>,
  { key, requestHash, recordingId }: IdempotencyKey,
  now: Time,
): Promise<void> => {
  await db
    .deleteFrom('idempotency_keys')
    .where('key', '=', key)
    .where('created_at', '<=', now - IDEMPOTENCY_KEY_MS)
    .execute()
  await db
    .insertInto('idempotency_keys')
    .values({ key, request_hash: requestHash, recording_id: recordingId, created_at: now })
    .execute()
}

export const loadIdempotencyKey = async (
  db: Kysely<Database>,
  key: string,
  now: Time,
): Promise<IdempotencyKey | undefined> => {
  const row = await db
    .selectFrom('idempotency_keys')
    .selectAll()
    .where('key', '=', key)
    .where('created_at', '>', now - IDEMPOTENCY_KEY_MS)
    .executeTakeFirst()
  return row && { key, requestHash: row.request_hash, recordingId: row.recording_id }
}

/** Removes the oldest of those that are no longer kept. */
export const pruneIdempotencyKeys = async (
  db: Kysely<Database>,
  now: Time,
  limit: number,
): Promise<number> => {
  const { numDeletedRows } = await db
    .deleteFrom('idempotency_keys')
    .where('key', 'in', (old) =>
      old
        .selectFrom('idempotency_keys')
        .select('key')
        .where('created_at', '<=', now - IDEMPOTENCY_KEY_MS)
        .orderBy('created_at')
        .limit(limit),
    )
    .executeTakeFirst()
  return Number(numDeletedRows)
}
