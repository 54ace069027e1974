import type { Kysely } from 'kysely'
import type { Time } from '../supervisor/recording.ts'
import type { Database } from './schema.ts'

export const readTick = async (db: Kysely<Database>): Promise<Time | undefined> => {
  const row = await db.selectFrom('ticks').select('at').where('id', '=', 1).executeTakeFirst()
  return row && Number(row.at)
}

export const writeTick = async (db: Kysely<Database>, now: Time): Promise<void> => {
  await db
    .insertInto('ticks')
    .values({ id: 1, at: now })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ at: now }))
    .execute()
}
