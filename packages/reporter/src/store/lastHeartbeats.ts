import type { Kysely } from 'kysely'
import type { Database } from './schema.ts'
import type { LastHeartbeat } from './types.ts'

/** SQLite allows 32,766 parameters in a statement; a row has five. */
const BATCH_SIZE = 5000

export const saveLastHeartbeats = async (
  db: Kysely<Database>,
  heartbeats: LastHeartbeat[],
): Promise<void> => {
  for (let from = 0; from < heartbeats.length; from += BATCH_SIZE) {
    await saveBatch(db, heartbeats.slice(from, from + BATCH_SIZE))
  }
}

const saveBatch = async (db: Kysely<Database>, heartbeats: LastHeartbeat[]): Promise<void> => {
  await db
    .insertInto('last_heartbeats')
    .values(
      heartbeats.map(({ recordingId, attempt, page, seq, at }) => ({
        recording_id: recordingId,
        attempt,
        page,
        seq,
        at,
      })),
    )
    .onConflict((conflict) =>
      conflict.column('recording_id').doUpdateSet((row) => ({
        attempt: row.ref('excluded.attempt'),
        page: row.ref('excluded.page'),
        seq: row.ref('excluded.seq'),
        at: row.ref('excluded.at'),
      })),
    )
    .execute()
}
