import type { Kysely } from 'kysely'
import { mainIdOf } from '../standbyId.ts'
import type { Database } from './schema.ts'

/** Labels never change. A standby is found by its recording's. */
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
