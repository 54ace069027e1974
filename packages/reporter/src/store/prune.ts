import type { Kysely } from 'kysely'
import type { Time } from '../supervisor/recording.ts'
import { TERMINAL_STATES } from './recordingFacts.ts'
import type { Database } from './schema.ts'
import type { Cutoffs } from './types.ts'

export const prune = async (db: Kysely<Database>, cutoffs: Cutoffs, limit: number): Promise<number> =>
  (await pruneRecordings(db, cutoffs.before, limit)) +
  (await pruneTimeline(db, cutoffs.before, limit)) +
  (await pruneRollUps(db, cutoffs.before, limit)) +
  (await pruneNotifications(db, cutoffs.notificationsBefore, limit))

/** Keeps recordings with a deadline or an effect, for instance a stop that Agora has not confirmed. */
const pruneRecordings = async (db: Kysely<Database>, before: Time, limit: number): Promise<number> => {
  const rows = await db
    .selectFrom('recordings')
    .select('id')
    .where('state', 'in', TERMINAL_STATES)
    .where('updated_at', '<', before)
    .where('due_at', 'is', null)
    .where('id', 'not in', (pending) => pending.selectFrom('effects').select('recording_id'))
    .orderBy('updated_at')
    .limit(limit)
    .execute()
  const ids = rows.map(({ id }) => id)
  if (ids.length === 0) return 0
  for (const table of ['attempts', 'last_heartbeats', 'roll_ups', 'timeline'] as const) {
    await db.deleteFrom(table).where('recording_id', 'in', ids).execute()
  }
  await db.deleteFrom('recordings').where('id', 'in', ids).execute()
  return ids.length
}

/** Ids grow as entries are written, so the lowest ids are the oldest. */
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
