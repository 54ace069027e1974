import { z } from 'zod'
import type { Attempt } from '../supervisor/recording.ts'
import { UnreadableRowError } from './errors.ts'
import { attemptSchema, parseJson } from './recordingRow.ts'
import { BODY_VERSION, BODY_VERSION_FIELD, upcastAttempt } from './upcast.ts'

/** What is written to the column `settled`. It has the version of a body, and is read as leniently. */
export const writeAttempt = (attempt: Attempt): string =>
  JSON.stringify({ [BODY_VERSION_FIELD]: BODY_VERSION, ...attempt })

/** @throws {UnreadableRowError} */
export const readAttempt = (row: {
  recording_id: string
  number: number
  settled: string | null
}): Attempt => {
  const attempt = attemptSchema.safeParse(upcastAttempt(parseJson(row.settled ?? '')))
  if (attempt.success) return attempt.data
  throw new UnreadableRowError(`${row.recording_id}, attempt ${row.number}`, z.prettifyError(attempt.error))
}
