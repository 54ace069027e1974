import { isDeepStrictEqual } from 'node:util'
import type { Kysely } from 'kysely'
import { mainIdOf } from '../standbyId.ts'
import type { Recording } from '../supervisor/recording.ts'
import type { Database } from './schema.ts'

type HasAttention = Pick<Recording, 'id' | 'attention'>

/** Makes the rows those of the recording. @param before what the rows are of; undefined if there are none */
export const saveAttention = async (
  db: Kysely<Database>,
  recording: HasAttention,
  before?: HasAttention,
): Promise<void> => {
  const rows = rowsOf(recording)
  const stored = before ? rowsOf(before) : []
  if (isDeepStrictEqual(rows, stored)) return
  if (stored.length > 0) await db.deleteFrom('attention').where('recording_id', '=', recording.id).execute()
  if (rows.length > 0) await db.insertInto('attention').values(rows).execute()
}

/** One for each code, with its earliest time. */
const rowsOf = ({ id, attention }: HasAttention): AttentionRow[] => {
  const since = new Map<string, number>()
  for (const each of attention) since.set(each.code, Math.min(since.get(each.code) ?? each.since, each.since))
  return [...since].map(([code, at]) => ({
    recording_id: id,
    code,
    since: at,
    main_id: mainIdOf(id) ?? id,
  }))
}

type AttentionRow = Database['attention']
