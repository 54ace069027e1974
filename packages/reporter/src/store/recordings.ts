import { type Kysely, sql } from 'kysely'
import type { RecordingRequest } from '../recordingRequest.ts'
import type { Recording, RecordingState, Time } from '../supervisor/recording.ts'
import { readRow, type StoredRecording, UnreadableRowError } from './recordingRow.ts'
import type { Database } from './schema.ts'
import type { DueTimeChange, ListedRecording, ListOptions, TaskKey } from './store.ts'

/** States that nothing follows. */
export const TERMINAL_STATES: RecordingState[] = ['stopped', 'failed']

/** Somebody else wrote the recording in between: decide again on the newest facts. */
export class VersionConflictError extends Error {}

export const insertRecording = async (
  db: Kysely<Database>,
  request: RecordingRequest,
  recording: Recording,
  now: Time,
): Promise<void> => {
  await db
    .insertInto('recordings')
    .values({
      id: recording.id,
      version: 1,
      state: recording.state,
      due_at: dueAt(recording),
      created_at: recording.createdAt,
      updated_at: now,
      request: JSON.stringify(request),
      body: JSON.stringify(recording),
    })
    .execute()
  await saveAttempts(db, recording)
}

export const loadRecording = async (
  db: Kysely<Database>,
  id: string,
): Promise<StoredRecording | undefined> => {
  const row = await db.selectFrom('recordings').selectAll().where('id', '=', id).executeTakeFirst()
  return row && readRow(row)
}

/**
 * Writes what was decided on `stored`.
 * @throws {VersionConflictError} when the row has changed since it was loaded
 */
export const saveRecording = async (
  db: Kysely<Database>,
  stored: StoredRecording,
  recording: Recording,
  now: Time,
): Promise<void> => {
  const { numUpdatedRows } = await db
    .updateTable('recordings')
    .set({
      version: stored.version + 1,
      state: recording.state,
      due_at: dueAt(recording),
      updated_at: now,
      body: JSON.stringify(recording),
    })
    .where('id', '=', recording.id)
    .where('version', '=', stored.version)
    .executeTakeFirst()
  if (numUpdatedRows !== 1n) throw new VersionConflictError(`Recording ${recording.id} was changed meanwhile`)
  await saveAttempts(db, recording)
}

/** Ids of recordings with a deadline that has passed, the most overdue first, without those in `except`. */
export const dueRecordings = async (
  db: Kysely<Database>,
  now: Time,
  options: { limit: number; except: string[] },
): Promise<string[]> => {
  let query = db.selectFrom('recordings').select('id').where('due_at', '<=', now)
  if (options.except.length > 0) query = query.where('id', 'not in', options.except)
  const rows = await query.orderBy('due_at').limit(options.limit).execute()
  return rows.map(({ id }) => id)
}

/**
 * Moves only the times at which recordings are due, where nobody has written a newer version.
 * @returns the ids of those that were moved
 */
export const pushBackDueTimes = async (
  db: Kysely<Database>,
  postponed: DueTimeChange[],
): Promise<string[]> => {
  if (postponed.length === 0) return []
  const values = postponed.map(({ id, version, dueAt }) => sql`(${id}, ${version}, ${dueAt})`)
  const { rows } = await sql<{ id: string }>`
    with moved (id, version, due_at) as (values ${sql.join(values)})
    update recordings set due_at = moved.due_at from moved
    where recordings.id = moved.id and recordings.version = moved.version
    returning recordings.id`.execute(db)
  return rows.map(({ id }) => id)
}

/** Ids of recordings that something may still happen to. */
export const liveRecordings = async (db: Kysely<Database>): Promise<string[]> => {
  const rows = await db
    .selectFrom('recordings')
    .select('id')
    .where('state', 'not in', TERMINAL_STATES)
    .execute()
  return rows.map(({ id }) => id)
}

/** Newest first. `before` is the id that the last page ended with. Rows that cannot be read stand as their errors. */
export const listRecordings = async (
  db: Kysely<Database>,
  options: ListOptions,
): Promise<ListedRecording[]> => {
  let query = db.selectFrom('recordings').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc')
  if (options.state !== undefined) query = query.where('state', '=', options.state)
  if (options.before !== undefined) {
    const last = await db
      .selectFrom('recordings')
      .select(['created_at', 'id'])
      .where('id', '=', options.before)
      .executeTakeFirst()
    if (!last) return []
    query = query.where((where) =>
      where.or([
        where('created_at', '<', last.created_at),
        where.and([where('created_at', '=', last.created_at), where('id', '<', last.id)]),
      ]),
    )
  }
  const rows = await query.limit(options.limit).execute()
  return rows.map((row) => ({ id: row.id, stored: readOrError(row) }))
}

const readOrError = (row: Parameters<typeof readRow>[0]): StoredRecording | UnreadableRowError => {
  try {
    return readRow(row)
  } catch (error) {
    if (error instanceof UnreadableRowError) return error
    throw error
  }
}

/** The attempt that a notification is about: by its sid, or by cname and uid while its sid is unknown. */
export const findAttempt = async (
  db: Kysely<Database>,
  task: TaskKey,
): Promise<{ recordingId: string; number: number } | undefined> => {
  const found =
    (await db.selectFrom('attempts').selectAll().where('sid', '=', task.sid).executeTakeFirst()) ??
    (await db
      .selectFrom('attempts')
      .selectAll()
      .where('recording_id', '=', task.cname)
      .where('uid', '=', task.uid)
      .where('sid', 'is', null)
      .executeTakeFirst())
  return found && { recordingId: found.recording_id, number: found.number }
}

const saveAttempts = async (db: Kysely<Database>, recording: Recording): Promise<void> => {
  if (recording.attempts.length === 0) return
  await db
    .insertInto('attempts')
    .values(
      recording.attempts.map(({ number, uid, sid }) => ({ recording_id: recording.id, number, uid, sid })),
    )
    .onConflict((conflict) =>
      conflict.columns(['recording_id', 'number']).doUpdateSet((row) => ({ sid: row.ref('excluded.sid') })),
    )
    .execute()
}

/** The earliest deadline; null when nothing is waited for. */
export const dueAt = ({ deadlines }: Recording): number | null => {
  const times = Object.values(deadlines)
  return times.length > 0 ? Math.min(...times) : null
}
