import type { ReportAnswer } from '../types.ts'

/**
 * What a response means for a report:
 * - `accepted`: the reporter has stored it
 * - `dropSid`: the report's sid is not this attempt's; send the report again without it
 * - `superseded`: another attempt is current
 * - `retry`: the report is valid but was not stored; send it again later
 * - `refused`: the reporter will never accept a report of this document
 */
export type Outcome = 'accepted' | 'dropSid' | 'superseded' | 'retry' | 'refused'

/** @param answer undefined unless the status is 200 and the body valid */
export const outcomeOf = (status: number, answer: ReportAnswer | undefined): Outcome => {
  if (answer?.current === false || status === 410) return 'superseded'
  if (answer) return 'accepted'
  if (status === 409) return 'dropSid'
  return /^4(?!08|25|29)/.test(`${status}`) ? 'refused' : 'retry'
}
