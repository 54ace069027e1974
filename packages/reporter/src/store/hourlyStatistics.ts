import { type Kysely, sql } from 'kysely'
import type { Time } from '../supervisor/recording.ts'
import type { Database, RollUpsTable } from './schema.ts'

/** What the reports of an attempt's page said within an hour. Nothing is decided on it: it is for a person to read. */
export interface HourlyStatistics {
  recordingId: string
  attempt: number
  /** When the hour began, in UTC. */
  hour: Time
  /** Reports that were kept. */
  reports: number
  /** Of them, those with failed checks, from a page that had loaded. */
  unhealthy: number
  /** Reports that were made and did not arrive. */
  missed: number
  /** Most script errors that a document had had. */
  errors: number
  /** Most files that a document could not load. */
  failed: number
  /** The latest tick of the probe, in milliseconds. */
  lateMax: number
  /** Heartbeats of a visible page that painted nothing. */
  blank: number
}

/** Both of the same attempt and hour: counts add up, maxima stay. */
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

/** SQLite takes 32,766 parameters in a statement; a roll-up has ten. */
const BATCH = 3000

/** Adds to what is stored of the same attempts and hours. Not to be done twice, so all of it or nothing. */
export const addHourlyStatistics = async (
  db: Kysely<Database>,
  rollUps: HourlyStatistics[],
): Promise<void> => {
  for (let from = 0; from < rollUps.length; from += BATCH) {
    await addBatch(db, rollUps.slice(from, from + BATCH))
  }
}

const addBatch = async (db: Kysely<Database>, rollUps: HourlyStatistics[]): Promise<void> => {
  await db
    .insertInto('roll_ups')
    .values(
      rollUps.map(({ recordingId, lateMax, ...same }) => ({
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
        errors: most('errors'),
        failed: most('failed'),
        late_max: most('late_max'),
        blank: sum('blank'),
      }),
    )
    .execute()
}

type Figure = Exclude<keyof RollUpsTable, 'recording_id' | 'attempt' | 'hour'>

const stored = (column: Figure) => sql.ref<number>(`roll_ups.${column}`)
const added = (column: Figure) => sql.ref<number>(`excluded.${column}`)
const sum = (column: Figure) => sql<number>`${stored(column)} + ${added(column)}`
/** The greater of two has a name of its own in each engine. */
const most = (column: Figure) =>
  sql<number>`case when ${stored(column)} < ${added(column)} then ${added(column)} else ${stored(column)} end`

/** Oldest first. */
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
