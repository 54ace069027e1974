import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import type { RecordingState, Time } from '../supervisor/recording.ts'
import { TERMINAL_STATES } from './recordingFacts.ts'
import type { Database } from './schema.ts'
import type { Cutoffs } from './types.ts'

/**
 * Milliseconds after which no further statement begins. With the last statement and the commit a transaction takes 13 ms
 * (median) on a machine with seven busy processes per core.
 */
const TIME_LIMIT_MS = 5
/** Rows of one statement. */
const BATCH_SIZE = 50

type Step = (db: Kysely<Database>, cutoffs: Cutoffs, limit: number) => Promise<number>

/** Each step removes up to `limit` rows in one statement or a few. Recordings come last: less is left of them by then. */
export const prune: Step = async (db, cutoffs, limit) => {
  const endsAt = performance.now() + TIME_LIMIT_MS
  let removed = 0
  for (const step of [pruneNotifications, pruneTimeline, pruneRollUps, pruneRecordings, pruneOrphans]) {
    for (let last = -1; last !== 0; removed += last) {
      const left = Math.min(BATCH_SIZE, limit - removed)
      if (left <= 0 || (removed > 0 && performance.now() >= endsAt)) return removed
      last = await step(db, cutoffs, left)
    }
  }
  return removed
}

const pruneNotifications: Step = async (db, { notificationsBefore }, limit) => {
  const { numDeletedRows } = await db
    .deleteFrom('notifications')
    .where('notice_id', 'in', (old) =>
      old
        .selectFrom('notifications')
        .select('notice_id')
        .where('received_at', '<', notificationsBefore)
        .orderBy('received_at')
        .limit(limit),
    )
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** Ids grow as entries are written, so the lowest ids are the oldest. */
const pruneTimeline: Step = async (db, { before }, limit) => {
  const oldest = await db.selectFrom('timeline').select(['id', 'at']).orderBy('id').limit(limit).execute()
  const ids = oldest.filter(({ at }) => Number(at) < before).map(({ id }) => id)
  if (ids.length > 0) await db.deleteFrom('timeline').where('id', 'in', ids).execute()
  return ids.length
}

const pruneRollUps: Step = async (db, { before }, limit) => {
  const { numDeletedRows } = await db
    .deleteFrom('roll_ups')
    .where(({ eb, refTuple, selectFrom }) =>
      eb(
        refTuple('recording_id', 'hour', 'attempt'),
        'in',
        selectFrom('roll_ups')
          .select(['recording_id', 'hour', 'attempt'])
          .where('hour', '<', before)
          .orderBy('hour')
          .limit(limit)
          .$asTuple('recording_id', 'hour', 'attempt'),
      ),
    )
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** As `JSON.stringify` writes it into the body. */
const HAS_ORPHAN = '%"state":"orphaned"%'

/**
 * Old recordings in a terminal state, the oldest first. Those with a deadline or an effect are kept, for instance for a
 * stop that Agora has not confirmed. One query per state, so that the index yields the order without sorting.
 */
const oldRecordings = (db: Kysely<Database>, state: RecordingState, before: Time, limit: number) =>
  db
    .selectFrom('recordings')
    .where('state', '=', state)
    .where('updated_at', '<', before)
    .where('due_at', 'is', null)
    .where('id', 'not in', (pending) => pending.selectFrom('effects').select('recording_id'))
    .orderBy('updated_at')
    .limit(limit)

const pruneRecordings: Step = async (db, { before }, limit) => {
  for (const state of TERMINAL_STATES) {
    const query = oldRecordings(db, state, before, limit).where('body', 'not like', HAS_ORPHAN)
    const rows = await query.select('id').execute()
    if (rows.length > 0)
      return removeRecordings(
        db,
        rows.map(({ id }) => id),
        limit,
      )
  }
  return 0
}

const pruneOrphans: Step = async (db, { now, before }, limit) => {
  for (const state of TERMINAL_STATES) {
    const query = oldRecordings(db, state, before, limit).where('body', 'like', HAS_ORPHAN)
    const rows = await query.select(['id', 'body']).execute()
    const ids = rows.filter(({ body }) => !mayStillRun(body, now)).map(({ id }) => id)
    if (ids.length > 0) return removeRecordings(db, ids, limit)
  }
  return 0
}

const bodySchema = z.object({
  attempts: z.array(z.object({ state: z.string(), mayRunUntil: z.number().nullish() })),
})

/** Whether Agora may still run an orphaned attempt. Without `mayRunUntil`, as an earlier version wrote it, it is unknown. */
const mayStillRun = (body: string, now: Time): boolean => {
  const { success, data } = bodySchema.safeParse(JSON.parse(body))
  if (!success) return true
  return data.attempts.some(
    ({ state, mayRunUntil }) => state === 'orphaned' && (mayRunUntil ?? now + 1) > now,
  )
}

/** Everything that belongs to a recording, with a column that, with the recording's id, identifies few rows or one. */
const BELONGINGS = { attempts: 'number', last_heartbeats: 'page', roll_ups: 'hour', timeline: 'id' } as const

/**
 * Removes what belongs to the recordings and then, if that was not more than `limit` rows of a table, the recordings.
 * @returns the number of removed rows
 */
const removeRecordings = async (db: Kysely<Database>, ids: string[], limit: number): Promise<number> => {
  let removed = 0
  for (const [table, key] of Object.entries(BELONGINGS)) {
    const [name, column, list] = [sql.table(table), sql.ref(key), sql.join(ids)]
    const { numAffectedRows = 0n } = await sql`
      delete from ${name} where (recording_id, ${column}) in
        (select recording_id, ${column} from ${name} where recording_id in (${list}) limit ${limit})`.execute(
      db,
    )
    removed += Number(numAffectedRows)
    if (numAffectedRows >= limit) return removed
  }
  await db.deleteFrom('recordings').where('id', 'in', ids).execute()
  return removed + ids.length
}
