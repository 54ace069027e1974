import type { Kysely } from 'kysely'
import { mainIdOf } from '../standbyId.ts'
import type { Database } from './schema.ts'

/** A standby is found by its recording's labels. */
export const insertLabels = async (
  db: Kysely<Database>,
  recordingId: string,
  labels: Readonly<Record<string, string>>,
): Promise<void> => {
  const rows = Object.entries(labels).map(([name, value]) => ({ recording_id: recordingId, name, value }))
  if (rows.length > 0 && mainIdOf(recordingId) === undefined) {
    await db.insertInto('labels').values(rows).execute()
  }
}

/** By recording; only those that have labels. */
export const readLabels = async (
  db: Kysely<Database>,
  recordingIds: readonly string[],
): Promise<Map<string, Record<string, string>>> => {
  const rows =
    recordingIds.length === 0
      ? []
      : await db.selectFrom('labels').selectAll().where('recording_id', 'in', recordingIds).execute()
  const byRecording = Map.groupBy(rows, ({ recording_id }) => recording_id)
  return new Map(
    [...byRecording].map(([id, labels]) => [
      id,
      Object.fromEntries(labels.map(({ name, value }) => [name, value])),
    ]),
  )
}

export const replaceLabels = async (
  db: Kysely<Database>,
  recordingId: string,
  labels: Readonly<Record<string, string>>,
): Promise<void> => {
  await db.deleteFrom('labels').where('recording_id', '=', recordingId).execute()
  await insertLabels(db, recordingId, labels)
}
