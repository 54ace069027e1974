import type { Kysely } from 'kysely'
import type { Time } from '../supervisor/recording.ts'
import { TERMINAL_STATES } from './recordings.ts'
import type { Database } from './schema.ts'

/** What is older than this goes. */
export interface Cutoffs {
  /** Recordings that ended and were not touched since, with all that belongs to them; lines of the timelines; roll-ups. */
  before: Time
  /** Notifications: a repetition of one that was forgotten would count as new. */
  notificationsBefore: Time
}

/** Removes up to `limit` rows of each table; says how many they were, so that the caller goes on until there are none. */
export const prune = async (db: Kysely<Database>, ages: Cutoffs, limit: number): Promise<number> =>
  (await pruneRecordings(db, ages.before, limit)) +
  (await pruneTimeline(db, ages.before, limit)) +
  (await pruneRollUps(db, ages.before, limit)) +
  (await pruneNotifications(db, ages.notificationsBefore, limit))

/** One that something may still happen to (a stop that Agora has not confirmed, an effect) stays. */
const pruneRecordings = async (db: Kysely<Database>, before: Time, limit: number): Promise<number> => {
  const rows = await db
    .selectFrom('recordings')
    .select('id')
    .where('state', 'in', TERMINAL_STATES)
    .where('updated_at', '<', before)
    .where('due_at', 'is', null)
    .where('id', 'not in', (busy) => busy.selectFrom('effects').select('recording_id'))
    .orderBy('updated_at')
    .limit(limit)
    .execute()
  const ids = rows.map(({ id }) => id)
  if (ids.length === 0) return 0
  for (const table of ['attempts', 'beats', 'roll_ups', 'timeline'] as const) {
    await db.deleteFrom(table).where('recording_id', 'in', ids).execute()
  }
  await db.deleteFrom('recordings').where('id', 'in', ids).execute()
  return ids.length
}

/** Lines are numbered as they are written, so the first ones are the oldest. */
const pruneTimeline = async (db: Kysely<Database>, before: Time, limit: number): Promise<number> => {
  const oldest = await db.selectFrom('timeline').select(['id', 'at']).orderBy('id').limit(limit).execute()
  const ids = oldest.filter(({ at }) => Number(at) < before).map(({ id }) => id)
  if (ids.length > 0) await db.deleteFrom('timeline').where('id', 'in', ids).execute()
  return ids.length
}

const pruneRollUps = async (db: Kysely<Database>, before: Time, limit: number): Promise<number> => {
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

const pruneNotifications = async (db: Kysely<Database>, before: Time, limit: number): Promise<number> => {
  const { numDeletedRows } = await db
    .deleteFrom('notifications')
    .where('notice_id', 'in', (old) =>
      old
        .selectFrom('notifications')
        .select('notice_id')
        .where('received_at', '<', before)
        .orderBy('received_at')
        .limit(limit),
    )
    .executeTakeFirst()
  return Number(numDeletedRows)
}
