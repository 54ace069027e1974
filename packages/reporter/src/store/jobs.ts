import { type Kysely, type Selectable, sql } from 'kysely'
import { z } from 'zod'
import type { Time } from '../supervisor/recording.ts'
import type { FailedItem, JobItem, JobProblem, JobState, NewJob, StoredJob } from './jobOperations.ts'
import { conditionsOf } from './recordingFilter.ts'
import type { Database, JobsTable } from './schema.ts'
import type { RecordingFilter } from './types.ts'

/** Rows of one statement. */
const BATCH_SIZE = 500

export const addJob = async (
  db: Kysely<Database>,
  { id, action, request }: NewJob,
  recordings: readonly string[] | RecordingFilter,
  now: Time,
): Promise<number> => {
  await db
    .insertInto('jobs')
    .values({ id, action, request, state: 'running', total: 0, created_at: now })
    .execute()
  const total = 'length' in recordings ? await addIds(db, id, recordings) : await addFound(db, id, recordings)
  await db.updateTable('jobs').set({ total }).where('id', '=', id).execute()
  return total
}

const addIds = async (db: Kysely<Database>, jobId: string, ids: readonly string[]): Promise<number> => {
  const rows = ids.map((id, index) => ({ job_id: jobId, position: index + 1, recording_id: id }))
  for (let from = 0; from < rows.length; from += BATCH_SIZE) {
    await db
      .insertInto('job_items')
      .values(rows.slice(from, from + BATCH_SIZE))
      .execute()
  }
  return rows.length
}

const addFound = async (db: Kysely<Database>, jobId: string, filter: RecordingFilter): Promise<number> => {
  const { numInsertedOrUpdatedRows = 0n } = await db
    .insertInto('job_items')
    .columns(['job_id', 'position', 'recording_id'])
    .expression(
      db
        .selectFrom('recordings')
        .select([
          sql<string>`cast(${jobId} as text)`.as('job_id'),
          sql<number>`row_number() over (order by created_at, recordings.id)`.as('position'),
          'recordings.id as recording_id',
        ])
        .where((where) => where.and(conditionsOf(where, filter))),
    )
    .executeTakeFirst()
  return Number(numInsertedOrUpdatedRows)
}

export const loadJob = async (db: Kysely<Database>, id: string): Promise<StoredJob | undefined> => {
  const row = await db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst()
  return row && readJob(row)
}

export const listJobs = async (
  db: Kysely<Database>,
  { before, limit }: { before?: number | undefined; limit: number },
): Promise<StoredJob[]> => {
  let query = db.selectFrom('jobs').selectAll()
  if (before !== undefined) query = query.where('position', '<', before)
  return (await query.orderBy('position', 'desc').limit(limit).execute()).map(readJob)
}

export const runningJobs = async (db: Kysely<Database>): Promise<StoredJob[]> => {
  const rows = await db
    .selectFrom('jobs')
    .selectAll()
    .where('state', '=', 'running')
    .orderBy('position')
    .execute()
  return rows.map(readJob)
}

export const pendingItems = async (
  db: Kysely<Database>,
  jobId: string,
  limit: number,
): Promise<JobItem[]> => {
  const rows = await db
    .selectFrom('job_items')
    .select(['position', 'recording_id'])
    .where('job_id', '=', jobId)
    .where('problem', 'is', null)
    .orderBy('position')
    .limit(limit)
    .execute()
  return rows.map(({ position, recording_id }) => ({ position, recordingId: recording_id }))
}

export const settleJobItem = async (
  db: Kysely<Database>,
  jobId: string,
  position: number,
  problem: JobProblem | null,
): Promise<boolean> => {
  const isPending = await db
    .selectFrom('job_items')
    .innerJoin('jobs', 'jobs.id', 'job_items.job_id')
    .select('job_items.position')
    .where('job_id', '=', jobId)
    .where('job_items.position', '=', position)
    .where('problem', 'is', null)
    .where('jobs.state', '=', 'running')
    .executeTakeFirst()
  if (!isPending) return false
  const counter = problem === null ? 'done' : 'failed'
  await db
    .updateTable('jobs')
    .set((set) => ({ [counter]: set(counter, '+', 1) }))
    .where('id', '=', jobId)
    .execute()
  if (problem === null) {
    await db.deleteFrom('job_items').where('job_id', '=', jobId).where('position', '=', position).execute()
  } else {
    await db
      .updateTable('job_items')
      .set({ problem: JSON.stringify(problem) })
      .where('job_id', '=', jobId)
      .where('position', '=', position)
      .execute()
  }
  return true
}

export const failedItems = async (
  db: Kysely<Database>,
  jobId: string,
  limit: number,
): Promise<FailedItem[]> => {
  const rows = await db
    .selectFrom('job_items')
    .select(['recording_id', 'problem'])
    .where('job_id', '=', jobId)
    .where('problem', 'is not', null)
    .orderBy('position')
    .limit(limit)
    .execute()
  return rows.map(({ recording_id, problem }) => ({
    recordingId: recording_id,
    problem: readProblem(problem ?? ''),
  }))
}

export const endJob = async (
  db: Kysely<Database>,
  id: string,
  state: Exclude<JobState, 'running'>,
  now: Time,
): Promise<void> => {
  await db
    .updateTable('jobs')
    .set({ state, ended_at: now })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .execute()
}

/** Removes what is left of the job that ended first, and then the job. @returns the number of rows */
export const pruneJobs = async (db: Kysely<Database>, before: Time, limit: number): Promise<number> => {
  const old = await db
    .selectFrom('jobs')
    .select('id')
    .where('ended_at', '<', before)
    .orderBy('ended_at')
    .limit(1)
    .executeTakeFirst()
  if (!old) return 0
  const { numDeletedRows } = await db
    .deleteFrom('job_items')
    .where('job_id', '=', old.id)
    .where('position', 'in', (items) =>
      items
        .selectFrom('job_items')
        .select('position')
        .where('job_id', '=', old.id)
        .orderBy('position')
        .limit(limit),
    )
    .executeTakeFirst()
  const removed = Number(numDeletedRows)
  if (removed >= limit) return removed
  await db.deleteFrom('jobs').where('id', '=', old.id).execute()
  return removed + 1
}

const readJob = ({ created_at, ended_at, state, ...row }: Selectable<JobsTable>): StoredJob => ({
  ...row,
  state: state as JobState,
  createdAt: Number(created_at),
  endedAt: ended_at === null ? null : Number(ended_at),
})

const problemSchema: z.ZodType<JobProblem> = z.object({ code: z.string(), detail: z.string() })

/** A damaged row must not hide the others. */
const readProblem = (text: string): JobProblem => {
  try {
    return problemSchema.parse(JSON.parse(text))
  } catch {
    return { code: 'internal_error', detail: 'The stored problem cannot be read.' }
  }
}
