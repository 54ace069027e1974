import type { Kysely } from 'kysely'
import type { Attempt, Recording } from '../supervisor/recording.ts'
import { readAttempt, writeAttempt } from './attemptRow.ts'
import type { UnreadableRowError } from './errors.ts'
import { readOrError } from './readOrError.ts'
import type { Database } from './schema.ts'
import type { SettledAttemptsOptions } from './types.ts'

/** Rows of one statement: a body of an earlier version may have thousands of attempts, and a statement 32,766 variables. */
const BATCH_SIZE = 500

/** Writes the keys by which notifications find the attempts, where they differ from those of `before`. */
export const saveAttemptKeys = async (
  db: Kysely<Database>,
  recording: Recording,
  before?: Recording,
): Promise<void> => {
  const known = new Map(before?.attempts.map(({ number, sid }) => [number, sid]))
  const changed = recording.attempts.filter(({ number, sid }) => known.get(number) !== sid)
  for (const { number, uid, sid } of changed) {
    await db
      .insertInto('attempts')
      .values({ recording_id: recording.id, number, uid, sid })
      .onConflict((conflict) => conflict.columns(['recording_id', 'number']).doUpdateSet({ sid }))
      .execute()
  }
}

export const saveSettledAttempts = async (
  db: Kysely<Database>,
  recordingId: string,
  attempts: readonly Attempt[],
): Promise<void> => {
  for (let start = 0; start < attempts.length; start += BATCH_SIZE) {
    const rows = attempts.slice(start, start + BATCH_SIZE).map((attempt) => ({
      recording_id: recordingId,
      number: attempt.number,
      uid: attempt.uid,
      sid: attempt.sid,
      settled: writeAttempt(attempt),
      recorded: hasRecorded(attempt) ? 1 : 0,
    }))
    await db
      .insertInto('attempts')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['recording_id', 'number']).doUpdateSet((row) => ({
          sid: row.ref('excluded.sid'),
          settled: row.ref('excluded.settled'),
          recorded: row.ref('excluded.recorded'),
        })),
      )
      .execute()
  }
}

export const hasRecorded = ({ loadedAt, files }: Attempt): boolean => loadedAt !== null || files.length > 0

export const loadSettledAttempt = async (
  db: Kysely<Database>,
  recordingId: string,
  number: number,
): Promise<Attempt | undefined> => {
  const row = await db
    .selectFrom('attempts')
    .select(['recording_id', 'number', 'settled'])
    .where('recording_id', '=', recordingId)
    .where('number', '=', number)
    .where('settled', 'is not', null)
    .executeTakeFirst()
  return row && readAttempt(row)
}

export const readSettledAttempts = async (
  db: Kysely<Database>,
  recordingId: string,
  { from = 1, before, recordedOnly = false, limit }: SettledAttemptsOptions,
): Promise<(Attempt | UnreadableRowError)[]> => {
  let query = db
    .selectFrom('attempts')
    .select(['recording_id', 'number', 'settled'])
    .where('recording_id', '=', recordingId)
    .where('number', '>=', from)
    .where('settled', 'is not', null)
  if (before !== undefined) query = query.where('number', '<', before)
  if (recordedOnly) query = query.where('recorded', '=', 1)
  const rows = await query.orderBy('number', 'desc').limit(limit).execute()
  return rows.map((row) => readOrError(readAttempt, row))
}
