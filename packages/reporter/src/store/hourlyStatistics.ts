import { type Kysely, sql } from 'kysely'
import type { Database, RollUpsTable } from './schema.ts'
import type { HourlyStatistics } from './types.ts'

/** Merges two rows of the same attempt and hour: counts add up, maxima stay. */
export const mergeHourlyStatistics = (one: HourlyStatistics, other: HourlyStatistics): HourlyStatistics => ({
  ...one,
  reports: one.reports + other.reports,
  unhealthy: one.unhealthy + other.unhealthy,
  missed: one.missed + other.missed,
  errors: Math.max(one.errors, other.errors),
  failed: Math.max(one.failed, other.failed),
  lateMax: Math.max(one.lateMax, other.lateMax),
  blank: one.blank + other.blank,
})

/** SQLite allows 32,766 parameters in a statement; a row has ten. */
const BATCH_SIZE = 3000

export const addHourlyStatistics = async (
  db: Kysely<Database>,
  statistics: HourlyStatistics[],
): Promise<void> => {
  for (let from = 0; from < statistics.length; from += BATCH_SIZE) {
    await addBatch(db, statistics.slice(from, from + BATCH_SIZE))
  }
}

const addBatch = async (db: Kysely<Database>, statistics: HourlyStatistics[]): Promise<void> => {
  await db
    .insertInto('roll_ups')
    .values(
      statistics.map(({ recordingId, lateMax, ...same }) => ({
        ...same,
        recording_id: recordingId,
        late_max: lateMax,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['recording_id', 'hour', 'attempt']).doUpdateSet({
        reports: sum('reports'),
        unhealthy: sum('unhealthy'),
        missed: sum('missed'),
        errors: greater('errors'),
        failed: greater('failed'),
        late_max: greater('late_max'),
        blank: sum('blank'),
      }),
    )
    .execute()
}

type Counter = Exclude<keyof RollUpsTable, 'recording_id' | 'attempt' | 'hour'>

const stored = (column: Counter) => sql.ref<number>(`roll_ups.${column}`)
const added = (column: Counter) => sql.ref<number>(`excluded.${column}`)
const sum = (column: Counter) => sql<number>`${stored(column)} + ${added(column)}`
/** SQLite calls the function `max`, PostgreSQL `greatest`. */
const greater = (column: Counter) =>
  sql<number>`case when ${stored(column)} < ${added(column)} then ${added(column)} else ${stored(column)} end`

export const readHourlyStatistics = async (
  db: Kysely<Database>,
  recordingId: string,
): Promise<HourlyStatistics[]> => {
  const rows = await db
    .selectFrom('roll_ups')
    .selectAll()
    .where('recording_id', '=', recordingId)
    .orderBy('hour')
    .orderBy('attempt')
    .execute()
  return rows.map((row) => ({
    recordingId: row.recording_id,
    attempt: row.attempt,
    hour: Number(row.hour),
    reports: Number(row.reports),
    unhealthy: Number(row.unhealthy),
    missed: Number(row.missed),
    errors: Number(row.errors),
    failed: Number(row.failed),
    lateMax: Number(row.late_max),
    blank: Number(row.blank),
  }))
}
