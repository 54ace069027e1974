import type { ReportAnswer } from '../types.ts'

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')

/** The reporter's answer, or undefined when it is none: then the report was not kept, whatever the status says. */
export const parseAnswer = (value: unknown): ReportAnswer | undefined => {
  const answer = value as ReportAnswer | null
  if (
    typeof answer === 'object' &&
    answer &&
    (typeof answer.sid === 'string' || answer.sid === null) &&
    typeof answer.attempt === 'number' &&
    typeof answer.current === 'boolean' &&
    answer.interval > 0 &&
    isStrings(answer.expect) &&
    isStrings(answer.media)
  ) {
    return answer
  }
  return
}
