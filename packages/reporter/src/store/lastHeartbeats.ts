import type { Kysely } from 'kysely'
import type { Time } from '../supervisor/recording.ts'
import { TERMINAL_STATES } from './recordings.ts'
import type { Database } from './schema.ts'

/** The last heartbeat heard from a recording's live attempt. */
export interface LastHeartbeat {
  recordingId: string
  attempt: number
  page: string
  seq: number
  at: Time
}

/** SQLite takes 32,766 parameters in a statement; a beat has five. */
const BATCH = 5000

export const saveLastHeartbeats = async (db: Kysely<Database>, beats: LastHeartbeat[]): Promise<void> => {
  for (let from = 0; from < beats.length; from += BATCH) await saveBatch(db, beats.slice(from, from + BATCH))
}

const saveBatch = async (db: Kysely<Database>, beats: LastHeartbeat[]): Promise<void> => {
  await db
    .insertInto('beats')
    .values(
      beats.map(({ recordingId, attempt, page, seq, at }) => ({
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

/** The last beats of the recordings that something may still happen to. */
export const readLastHeartbeats = async (db: Kysely<Database>): Promise<LastHeartbeat[]> => {
  const rows = await db
    .selectFrom('beats')
    .innerJoin('recordings', 'recordings.id', 'beats.recording_id')
    .where('recordings.state', 'not in', TERMINAL_STATES)
    .selectAll('beats')
    .execute()
  return rows.map(({ recording_id, attempt, page, seq, at }) => ({
    recordingId: recording_id,
    attempt,
    page,
    seq: Number(seq),
    at: Number(at),
  }))
}
