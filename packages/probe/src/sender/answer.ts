import { natives } from '../natives.ts'
import type { ReportAnswer } from '../types.ts'

/** The reporter's answer, or undefined if the body is not a valid one: the report was not stored, whatever the status. */
export const parseAnswer = (value: unknown): ReportAnswer | undefined => {
  const { sid, attempt, interval, expect, media } = (value ?? {}) as ReportAnswer
  const { isArray } = natives.Array
  const isValid = (sid === null || sid?.length > 0) && attempt > 0 && interval > 0
  return isValid && isArray(expect) && isArray(media) ? (value as ReportAnswer) : undefined
}
