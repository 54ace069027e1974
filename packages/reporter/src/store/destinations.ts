import type { Kysely } from 'kysely'
import type { CauseKey, StoredDestination } from './deliveryOperations.ts'
import type { Database } from './schema.ts'

export const readDestinations = async (db: Kysely<Database>): Promise<StoredDestination[]> => {
  const rows = await db.selectFrom('destinations').selectAll().orderBy('name').execute()
  return rows.map(({ name, paused_at, failing_since }) => ({
    name,
    pausedAt: paused_at === null ? null : Number(paused_at),
    failingSince: failing_since === null ? null : Number(failing_since),
  }))
}

export const saveDestination = async (
  db: Kysely<Database>,
  { name, pausedAt, failingSince }: StoredDestination,
): Promise<void> => {
  const row = { paused_at: pausedAt, failing_since: failingSince }
  await db
    .insertInto('destinations')
    .values({ name, ...row })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
    .execute()
}

export const holdCause = async (
  db: Kysely<Database>,
  { destination, cause, recordingId }: CauseKey,
): Promise<boolean> => {
  const held = await isHeld(db, { destination, cause })
  await db
    .insertInto('delivery_causes')
    .values({ recording_id: recordingId, destination, cause })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return !held
}

export const releaseCause = async (
  db: Kysely<Database>,
  { destination, cause, recordingId }: CauseKey,
): Promise<boolean> => {
  const { numDeletedRows } = await db
    .deleteFrom('delivery_causes')
    .where('recording_id', '=', recordingId)
    .where('destination', '=', destination)
    .where('cause', '=', cause)
    .executeTakeFirst()
  return numDeletedRows > 0n && !(await isHeld(db, { destination, cause }))
}

export const forgetCauses = async (
  db: Kysely<Database>,
  { except }: { except: readonly string[] },
): Promise<void> => {
  await db.deleteFrom('delivery_causes').where('destination', 'not in', except).execute()
}

const isHeld = async (
  db: Kysely<Database>,
  { destination, cause }: Omit<CauseKey, 'recordingId'>,
): Promise<boolean> => {
  const row = await db
    .selectFrom('delivery_causes')
    .select('recording_id')
    .where('destination', '=', destination)
    .where('cause', '=', cause)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
