import { type Kysely, sql } from 'kysely'
import type { RecordingRequest } from '../recordingRequest.ts'
import { mainIdOf } from '../standbyId.ts'
import { dueAt, type Recording, type Time } from '../supervisor/recording.ts'
import { saveAttemptKeys } from './attempts.ts'
import { saveAttention } from './attention.ts'
import { VersionConflictError } from './errors.ts'
import { insertLabels, replaceLabels } from './labels.ts'
import { readOrError } from './readOrError.ts'
import { LIVE_STATES, TERMINAL_STATES } from './recordingFacts.ts'
import { conditionsOf } from './recordingFilter.ts'
import { readRow, writeBody } from './recordingRow.ts'
import type { Database } from './schema.ts'
import type { DueTimeChange, ListedRecording, ListOptions, StoredRecording } from './types.ts'

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
      due_at: dueAtOf(recording),
      runs_until: runsUntil(recording),
      created_at: recording.createdAt,
      updated_at: now,
      request: JSON.stringify(request),
      body: writeBody(recording),
      cname: recording.cname,
      uid_base: recording.uidBase,
      standby_of: mainIdOf(recording.id) ?? null,
      kind: recording.kind,
      state_since: now,
    })
    .execute()
  await saveAttemptKeys(db, recording)
  await saveAttention(db, recording)
  await insertLabels(db, recording.id, request.labels)
}

/** Deadlines have fractions of milliseconds where they are spread at random. A column has none: it is due a little later. */
const dueAtOf = (recording: Recording): number | null => {
  const at = dueAt(recording)
  return at === undefined ? null : Math.ceil(at)
}

/** Until when Agora may run an orphaned attempt. Without `mayRunUntil`, as an earlier version wrote it, it is unknown. */
const runsUntil = ({ attempts }: Recording): Time | null => {
  const orphaned = attempts.filter(({ state }) => state === 'orphaned')
  if (orphaned.length === 0) return null
  return Math.max(...orphaned.map(({ mayRunUntil }) => Math.ceil(mayRunUntil ?? Number.MAX_SAFE_INTEGER)))
}

/** With the last heartbeats, so that no reporter has to know those that another process, or an earlier one, has flushed. */
const selectRecordings = (db: Kysely<Database>) =>
  db
    .selectFrom('recordings')
    .leftJoin('last_heartbeats', 'last_heartbeats.recording_id', 'recordings.id')
    .selectAll()

export const loadRecording = async (
  db: Kysely<Database>,
  id: string,
): Promise<StoredRecording | undefined> => {
  const row = await selectRecordings(db).where('id', '=', id).executeTakeFirst()
  return row && readRow(row)
}

export const loadRecordings = async (
  db: Kysely<Database>,
  ids: readonly string[],
): Promise<ListedRecording[]> => {
  if (ids.length === 0) return []
  const rows = await selectRecordings(db).where('id', 'in', ids).execute()
  return rows.map(readListed)
}

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
      ...(recording.state !== stored.recording.state && { state_since: now }),
      due_at: dueAtOf(recording),
      runs_until: runsUntil(recording),
      updated_at: now,
      body: writeBody(recording),
    })
    .where('id', '=', recording.id)
    .where('version', '=', stored.version)
    .executeTakeFirst()
  if (numUpdatedRows !== 1n) throw new VersionConflictError(recording.id)
  await saveAttemptKeys(db, recording, stored.recording)
  await saveAttention(db, recording, stored.recording)
}

export const saveRequest = async (
  db: Kysely<Database>,
  id: string,
  request: RecordingRequest,
): Promise<void> => {
  await db
    .updateTable('recordings')
    .set({ request: JSON.stringify(request) })
    .where('id', '=', id)
    .execute()
  await replaceLabels(db, id, request.labels)
}

export const dueRecordings = async (
  db: Kysely<Database>,
  now: Time,
  options: { limit: number; except: string[]; after?: Time },
): Promise<string[]> => {
  let query = db.selectFrom('recordings').select('id').where('due_at', '<=', now)
  if (options.after !== undefined) query = query.where('due_at', '>', options.after)
  if (options.except.length > 0) query = query.where('id', 'not in', options.except)
  const rows = await query.orderBy('due_at').limit(options.limit).execute()
  return rows.map(({ id }) => id)
}

export const pushBackDueTimes = async (db: Kysely<Database>, changes: DueTimeChange[]): Promise<string[]> => {
  if (changes.length === 0) return []
  const values = changes.map(
    ({ id, version, dueAt }) =>
      sql`(${id}, cast(${version} as bigint), cast(${dueAt === null ? null : Math.ceil(dueAt)} as bigint))`,
  )
  const { rows } = await sql<{ id: string }>`
    with moved (id, version, due_at) as (values ${sql.join(values)})
    update recordings set due_at = moved.due_at from moved
    where recordings.id = moved.id and recordings.version = moved.version
    returning recordings.id`.execute(db)
  return rows.map(({ id }) => id)
}

export const liveRecordings = async (db: Kysely<Database>): Promise<string[]> => {
  const rows = await db
    .selectFrom('recordings')
    .select('id')
    .where((where) =>
      where.or([
        where('state', 'not in', TERMINAL_STATES),
        where('due_at', 'is not', null),
        where('id', 'in', where.selectFrom('effects').select('recording_id')),
      ]),
    )
    .execute()
  return rows.map(({ id }) => id)
}

export const countRecordings = async (db: Kysely<Database>): Promise<number> => {
  const { count } = await db
    .selectFrom('recordings')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('state', 'in', LIVE_STATES)
    .where('standby_of', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** The page is found in an index that has all columns but the labels and attention. Bodies are read of its rows only. */
export const listRecordings = async (
  db: Kysely<Database>,
  { before, limit, ...filter }: ListOptions,
): Promise<ListedRecording[]> => {
  let page = db
    .selectFrom('recordings')
    .select('recordings.id')
    .where((where) => where.and(conditionsOf(where, filter)))
    .orderBy('created_at', 'desc')
    .orderBy('recordings.id', 'desc')
    .limit(limit)
  if (before !== undefined) {
    page = page.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('created_at', 'recordings.id'), '<', tuple(before.createdAt, before.id)),
    )
  }
  const rows = await selectRecordings(db)
    .where('id', 'in', page)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute()
  return rows.map(readListed)
}

const readListed = (row: Parameters<typeof readRow>[0] & { created_at: number }): ListedRecording => ({
  id: row.id,
  createdAt: Number(row.created_at),
  stored: readOrError(readRow, row),
})
