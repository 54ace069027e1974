import type { ReportAnswer } from '../types.ts'

/** The reporter's answer, or undefined when it is none: then the report was not kept, whatever the status says. */
export const parseAnswer = (value: unknown): ReportAnswer | undefined => {
  const { sid, attempt, interval, expect, media } = (value ?? {}) as ReportAnswer
  const told = (sid === null || sid?.length > 0) && attempt > 0 && interval > 0
  return told && Array.isArray(expect) && Array.isArray(media) ? (value as ReportAnswer) : undefined
}
