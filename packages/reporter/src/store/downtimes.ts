import { type Kysely, sql } from 'kysely'
import { type Downtimes, NO_DOWNTIMES, type Time } from '../supervisor/recording.ts'
import type { Database } from './schema.ts'
import { writeTick } from './ticks.ts'
import type { Downtime } from './types.ts'

export const readDowntimes = async (db: Kysely<Database>): Promise<Downtimes> => {
  const row = await db.selectFrom('downtimes').selectAll().where('id', '=', 1).executeTakeFirst()
  if (!row) return NO_DOWNTIMES
  return {
    count: row.count,
    downtimeMs: Number(row.downtime_ms),
    clockStepBackMs: Number(row.clock_step_back_ms),
    endedAt: Number(row.ended_at),
  }
}

/** Without a clock step this writes two rows, however many recordings there are. */
export const addDowntime = async (
  db: Kysely<Database>,
  { downtimeMs, clockStepBackMs }: Downtime,
  endedAt: Time,
): Promise<Downtimes> => {
  const before = await readDowntimes(db)
  const after: Downtimes = {
    count: before.count + 1,
    downtimeMs: before.downtimeMs + Math.round(downtimeMs),
    clockStepBackMs: before.clockStepBackMs + Math.round(clockStepBackMs),
    endedAt,
  }
  const row = {
    count: after.count,
    downtime_ms: after.downtimeMs,
    clock_step_back_ms: after.clockStepBackMs,
    ended_at: endedAt,
  }
  await db
    .insertInto('downtimes')
    .values({ id: 1, ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute()
  await writeTick(db, endedAt)
  const stepMs = after.clockStepBackMs - before.clockStepBackMs
  if (stepMs > 0) await shiftTimes(db, stepMs)
  return after
}

/** The times outside the bodies that are compared with the present. */
const shiftTimes = async (db: Kysely<Database>, byMs: number): Promise<void> => {
  await db
    .updateTable('recordings')
    .set((row) => ({ due_at: row('due_at', '-', byMs) }))
    .where('due_at', 'is not', null)
    .execute()
  await db
    .updateTable('effects')
    .set((row) => ({ claimed_until: row('claimed_until', '-', byMs) }))
    .where('claimed_until', '>', 0)
    .execute()
  await db
    .updateTable('delivery_queues')
    .set((row) => ({
      due_at: row('due_at', '-', byMs),
      claimed_until: sql<number>`case when claimed_until > 0 then claimed_until - ${byMs} else 0 end`,
    }))
    .where('due_at', 'is not', null)
    .execute()
}
