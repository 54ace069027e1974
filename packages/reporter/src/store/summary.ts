import type { Kysely } from 'kysely'
import { ATTENTION_CODES, type AttentionCode, type RecordingState } from '../supervisor/recording.ts'
import type { Database } from './schema.ts'
import type { RecordingsSummary, StoredProblem } from './types.ts'

// Rows that a newer version has written may have codes and states that this one does not know: they are left out.

/** In which a recording needs somebody, or will if it lasts. */
export const PROBLEM_STATES: readonly RecordingState[] = ['unhealthy', 'recovering', 'failed']

/** Reads indexes only: 0.1 s on a busy machine with 100,000 recordings, of which 5,000 have an attention. */
export const summarizeRecordings = async (db: Kysely<Database>): Promise<RecordingsSummary> => {
  const states = await db
    .selectFrom('recordings')
    .select(['state', ({ fn }) => fn.countAll().as('count')])
    .where('standby_of', 'is', null)
    .groupBy('state')
    .execute()
  const attention = await db
    .selectFrom('attention')
    .select(['code', ({ fn }) => fn.countAll().as('count'), ({ fn }) => fn.min('since').as('since')])
    .where('code', 'in', ATTENTION_CODES)
    .groupBy('code')
    .execute()
  const oldest = attention.toSorted((one, other) => Number(one.since) - Number(other.since))[0]
  const problems = [...(await problemStates(db)), ...(oldest ? await problemOf(db, oldest) : [])]
  return {
    states: new Map(states.map(({ state, count }) => [state, Number(count)])),
    attention: new Map(attention.map(({ code, count }) => [code, Number(count)])),
    oldestProblem: problems.toSorted((one, other) => one.since - other.since)[0],
  }
}

/** The oldest one of each state. */
const problemStates = async (db: Kysely<Database>): Promise<StoredProblem[]> => {
  const problems: StoredProblem[] = []
  for (const state of PROBLEM_STATES) {
    const row = await db
      .selectFrom('recordings')
      .select(['id', 'state_since'])
      .where('state', '=', state)
      .orderBy('state_since')
      .limit(1)
      .executeTakeFirst()
    if (row) problems.push({ id: row.id, since: Number(row.state_since), state, attention: null })
  }
  return problems
}

/** Empty if it has ended since it was found. */
const problemOf = async (
  db: Kysely<Database>,
  { code, since }: { code: string; since: number | string | bigint },
): Promise<StoredProblem[]> => {
  const rows = await db
    .selectFrom('attention')
    .select('recording_id')
    .where('code', '=', code)
    .where('since', '=', Number(since))
    .limit(1)
    .execute()
  const attention = code as AttentionCode
  return rows.map((row) => ({ id: row.recording_id, since: Number(since), state: null, attention }))
}
