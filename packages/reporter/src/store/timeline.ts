import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { Evidence, Time } from '../supervisor/recording.ts'
import type { Database } from './schema.ts'
import type { AnyTimelineEntry, StoredTimelineEntry } from './types.ts'

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
  return rows.map(({ id, at, code, attempt, message, evidence }) => ({
    id,
    at: Number(at),
    code,
    attempt,
    message,
    evidence: parseEvidence(evidence),
  }))
}

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
