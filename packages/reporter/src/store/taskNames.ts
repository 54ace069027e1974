import type { Kysely } from 'kysely'
import { uidRangeOf } from '../uidRange.ts'
import { LIVE_STATES } from './recordingFacts.ts'
import { parseJson } from './recordingRow.ts'
import type { Database } from './schema.ts'
import type { FoundAttempt, TakenUids, TaskKey } from './types.ts'

export const findAttempt = async (
  db: Kysely<Database>,
  { sid, cname, uid }: TaskKey,
): Promise<FoundAttempt | undefined> => {
  const bySid =
    sid === undefined
      ? undefined
      : await db.selectFrom('attempts').selectAll().where('sid', '=', sid).executeTakeFirst()
  const found =
    bySid ??
    (await db
      .selectFrom('recordings')
      .innerJoin('attempts', 'attempts.recording_id', 'recordings.id')
      .select(['attempts.recording_id', 'attempts.number', 'attempts.sid'])
      .where('recordings.cname', '=', cname)
      .where('attempts.uid', '=', uid)
      .executeTakeFirst())
  return found && { recordingId: found.recording_id, number: found.number, sid: found.sid }
}

export const recordingsWithoutSid = async (db: Kysely<Database>, cname: string): Promise<string[]> => {
  const rows = await db
    .selectFrom('recordings')
    .innerJoin('attempts', 'attempts.recording_id', 'recordings.id')
    .select('recordings.id')
    .distinct()
    .where('recordings.cname', '=', cname)
    .where('attempts.sid', 'is', null)
    .where('attempts.settled', 'is', null)
    .execute()
  return rows.map(({ id }) => id)
}

export const liveRecordingsIn = async (db: Kysely<Database>, cname: string): Promise<string[]> => {
  const rows = await db
    .selectFrom('recordings')
    .select('id')
    .where('cname', '=', cname)
    .where('state', 'in', LIVE_STATES)
    .execute()
  return rows.map(({ id }) => id)
}

export const takenUids = async (db: Kysely<Database>, cname: string): Promise<TakenUids> => {
  const ofChannel = db.selectFrom('recordings').where('cname', '=', cname)
  const rows = await ofChannel.select(['id', 'uid_base', 'state']).orderBy('uid_base').execute()
  // Few requests name a range, and a channel may have thousands of stored recordings.
  const requests = await ofChannel
    .select('request')
    .where('state', '!=', 'stopped')
    .where('request', 'like', '%"uidRange"%')
    .orderBy('uid_base')
    .execute()
  const userRanges = requests.flatMap(({ request }) => uidRangeOf(parseJson(request)) ?? [])
  const blocks = rows.map(({ id, uid_base, state }) => ({
    ...{ recordingId: id, uidBase: Number(uid_base), isStopped: state === 'stopped' },
  }))
  return { blocks, userRanges }
}
