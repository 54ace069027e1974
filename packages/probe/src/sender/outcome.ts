/**
 * What an HTTP status means for a report:
 * - `kept`: the reporter has it
 * - `relearn`: the sid in it is not this attempt's; send it again without
 * - `superseded`: another attempt records
 * - `again`: nothing wrong with the report, send it again later
 * - `refused`: no report of this document will ever be taken
 */
export type Outcome = 'kept' | 'relearn' | 'superseded' | 'again' | 'refused'

export const outcomeOf = (status: number): Outcome => {
  if (status === 200) return 'kept'
  if (status === 409) return 'relearn'
  if (status === 410) return 'superseded'
  return /^4(?!08|25|29)/.test(`${status}`) ? 'refused' : 'again'
}
