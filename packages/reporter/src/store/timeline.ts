import type { Kysely, Selectable } from 'kysely'
import { z } from 'zod'
import { mainIdOf, standbyIdOf } from '../standbyId.ts'
import type { Evidence, RecordingKind, RecordingState, Time } from '../supervisor/recording.ts'
import { readLabels } from './labels.ts'
import type { Database, TimelineTable } from './schema.ts'
import type { AnyTimelineEntry, StoredTimelineEntry, TimelineEvent, TimelineEventsOptions } from './types.ts'

export const appendTimeline = async (
  db: Kysely<Database>,
  recordingId: string,
  entries: AnyTimelineEntry[],
  now: Time,
): Promise<void> => {
  if (entries.length === 0) return
  await db
    .insertInto('timeline')
    .values(
      entries.map(({ code, attempt, message, evidence }) => ({
        recording_id: recordingId,
        at: now,
        code,
        attempt,
        message,
        evidence: JSON.stringify(evidence),
      })),
    )
    .execute()
}

export const readTimeline = async (
  db: Kysely<Database>,
  recordingId: string,
  options: { after: number; limit: number },
): Promise<StoredTimelineEntry[]> => {
  const rows = await db
    .selectFrom('timeline')
    .selectAll()
    .where('recording_id', '=', recordingId)
    .where('id', '>', options.after)
    .orderBy('id')
    .limit(options.limit)
    .execute()
  return rows.map(readEntry)
}

export const readTimelineEvents = async (
  db: Kysely<Database>,
  { after, recordingId, limit }: TimelineEventsOptions,
): Promise<TimelineEvent[]> => {
  let query = db
    .selectFrom('timeline')
    .innerJoin('recordings', 'recordings.id', 'timeline.recording_id')
    .selectAll('timeline')
    .select(['recordings.kind', 'recordings.state'])
    .where('timeline.id', '>', after)
  if (recordingId !== undefined) {
    query = query.where('timeline.recording_id', 'in', [recordingId, standbyIdOf(recordingId)])
  }
  const rows = await query.orderBy('timeline.id').limit(limit).execute()
  const labels = await readLabels(db, [...new Set(rows.map(({ recording_id }) => mainId(recording_id)))])
  return rows.map(({ recording_id: id, kind, state, ...row }) => ({
    ...readEntry(row),
    recording: {
      id,
      kind: kind as RecordingKind,
      labels: labels.get(mainId(id)) ?? {},
      state: state as RecordingState,
    },
  }))
}

const mainId = (id: string): string => mainIdOf(id) ?? id

export const timelineRange = async (
  db: Kysely<Database>,
): Promise<{ oldest: number; newest: number } | undefined> => {
  // Two queries, because each is answered by one end of the index.
  const ends = await Promise.all(
    (['asc', 'desc'] as const).map((order) =>
      db.selectFrom('timeline').select('id').orderBy('id', order).limit(1).executeTakeFirst(),
    ),
  )
  const [oldest, newest] = ends.map((row) => row && Number(row.id))
  return oldest === undefined || newest === undefined ? undefined : { oldest, newest }
}

const readEntry = ({
  id,
  at,
  code,
  attempt,
  message,
  evidence,
}: Omit<Selectable<TimelineTable>, 'recording_id'>): StoredTimelineEntry => ({
  id: Number(id),
  at: Number(at),
  code,
  attempt,
  message,
  evidence: parseEvidence(evidence),
})

const evidenceSchema: z.ZodType<Evidence> = z.record(z.string(), z.unknown())

/** Characters of evidence that cannot be read. */
const MAX_UNREADABLE = 200

/** A damaged row must not hide the others: the text of its evidence is shown as `unreadable`. */
const parseEvidence = (text: string): Evidence => {
  try {
    return evidenceSchema.parse(JSON.parse(text))
  } catch {
    return { unreadable: String(text).slice(0, MAX_UNREADABLE) }
  }
}
