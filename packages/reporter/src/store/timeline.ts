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
    evidence: evidenceSchema.parse(evidence),
  }))
}

const evidenceSchema: z.ZodType<Evidence, string> = z.string().transform((text, context) => {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text))
  } catch {
    context.addIssue({ code: 'custom', message: 'is not a JSON object' })
    return z.NEVER
  }
})
