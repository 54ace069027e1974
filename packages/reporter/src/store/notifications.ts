import type { Kysely } from 'kysely'
import type { Time } from '../supervisor/recording.ts'
import type { Database } from './schema.ts'
import type { NotificationKey } from './types.ts'

export const rememberNotification = async (
  db: Kysely<Database>,
  key: NotificationKey,
  now: Time,
): Promise<boolean> => {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('notifications')
    .values({
      notice_id: key.noticeId,
      sid: key.sid,
      uid: key.uid,
      event_type: key.eventType,
      sequence: key.sequence,
      received_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}
