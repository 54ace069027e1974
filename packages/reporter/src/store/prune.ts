import { type Kysely, type SqlBool, sql } from 'kysely'
import { pruneApiKeys } from './apiKeys.ts'
import { pruneIdempotencyKeys } from './idempotencyKeys.ts'
import { pruneJobs } from './jobs.ts'
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
  const rest = [pruneOldJobs, pruneTimeline, pruneRollUps, pruneDeliveries, pruneRecordings]
  let removed = 0
  for (const step of [pruneNotifications, pruneKeys, ...rest]) {
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

const pruneOldJobs: Step = (db, { before }, limit) => pruneJobs(db, before, limit)

const pruneKeys: Step = async (db, { now, before }, limit) =>
  (await pruneIdempotencyKeys(db, now, limit)) || pruneApiKeys(db, before, limit)

/** Ids grow as entries are written, so the lowest ids are the oldest. */
const pruneTimeline: Step = async (db, { before }, limit) => {
  const oldest = await db.selectFrom('timeline').select(['id', 'at']).orderBy('id').limit(limit).execute()
  const ids = oldest.filter(({ at }) => Number(at) < before).map(({ id }) => id)
  if (ids.length > 0) await db.deleteFrom('timeline').where('id', 'in', ids).execute()
  return ids.length
}

/**
 * Positions grow as deliveries are written, so the lowest are the oldest. Pending ones have failed before they are so old
 * (`expiry.ts`), but for those that a person had sent again: they stay, and those behind them may have to wait for them.
 */
const pruneDeliveries: Step = async (db, { deliveriesBefore }, limit) => {
  const oldest = await db
    .selectFrom('deliveries')
    .select(['position', 'created_at', 'state'])
    .orderBy('position')
    .limit(limit)
    .execute()
  const positions = oldest
    .filter(({ created_at, state }) => Number(created_at) < deliveriesBefore && state !== 'pending')
    .map(({ position }) => position)
  if (positions.length > 0) await db.deleteFrom('deliveries').where('position', 'in', positions).execute()
  return positions.length
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

const hasPendingDeliveries = (id: 'recordings.id' | 'standby.id') => sql<SqlBool>`exists (
  select 1 from deliveries where deliveries.recording_id = ${sql.ref(id)} and deliveries.state = 'pending')`

/**
 * Old recordings in a terminal state, the oldest first, each with its standby. Those with a deadline, an effect or a pending
 * delivery are kept, for instance for a stop that Agora has not confirmed. One query per state, so that the index yields
 * the order without sorting.
 */
const pruneRecordings: Step = async (db, cutoffs, limit) => {
  for (const state of TERMINAL_STATES) {
    const rows = await db
      .selectFrom('recordings')
      .select('id')
      .where('state', '=', state)
      .where('standby_of', 'is', null)
      .where('updated_at', '<', cutoffs.before)
      .where('due_at', 'is', null)
      .where('id', 'not in', (pending) => pending.selectFrom('effects').select('recording_id'))
      .where(({ eb, or }) => or([eb('runs_until', 'is', null), eb('runs_until', '<=', cutoffs.now)]))
      .where(({ not }) => not(hasPendingDeliveries('recordings.id')))
      .where(({ not }) => not(hasStandbyToKeep(cutoffs)))
      .orderBy('updated_at')
      .limit(limit)
      .execute()
    const ids = rows.map(({ id }) => id)
    if (ids.length > 0) return removeRecordings(db, await withStandbys(db, ids, limit), limit)
  }
  return 0
}

/** Columns without a table are those of the standby. */
const hasStandbyToKeep = ({ now, before }: Cutoffs) => sql<SqlBool>`exists (
  select 1 from recordings as standby where standby.standby_of = recordings.id and (
    standby.state not in (${sql.join(TERMINAL_STATES)}) or standby.updated_at >= ${before}
    or standby.due_at is not null or standby.id in (select recording_id from effects)
    or ${hasPendingDeliveries('standby.id')} or standby.runs_until > ${now}))`

/** The first of these recordings and their standbys: at most `limit`, but no recording without its standby. */
const withStandbys = async (db: Kysely<Database>, ids: string[], limit: number): Promise<string[]> => {
  const rows = await db
    .selectFrom('recordings')
    .select(['id', 'standby_of'])
    .where('standby_of', 'in', ids)
    .execute()
  const standbys = new Map(rows.map(({ id, standby_of }) => [standby_of, id]))
  const all: string[] = []
  for (const id of ids) {
    const standby = standbys.get(id)
    const both = standby === undefined ? [id] : [id, standby]
    if (all.length > 0 && all.length + both.length > limit) break
    all.push(...both)
  }
  return all
}

/** Everything that belongs to a recording, with a column that, with the recording's id, identifies few rows or one. */
const BELONGINGS = {
  labels: 'name',
  attention: 'code',
  attempts: 'number',
  last_heartbeats: 'page',
  roll_ups: 'hour',
  timeline: 'id',
  deliveries: 'position',
  delivery_queues: 'destination',
  delivery_causes: 'cause',
} as const

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
