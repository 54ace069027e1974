/**
 * What an HTTP status means for a report:
 * - `kept`: the reporter has it
 * - `relearn`: the sid in it is not this attempt's; send it again without
 * - `superseded`: another attempt records
 * - `again`: nothing wrong with the report, send it again later
 * - `refused`: no report of this document will ever be taken
 */
export type Outcome = 'kept' | 'relearn' | 'superseded' | 'again' | 'refused'

const OUTCOMES: Record<number, Outcome> = {
  200: 'kept',
  408: 'again',
  409: 'relearn',
  410: 'superseded',
  425: 'again',
  429: 'again',
}

export const outcomeOf = (status: number): Outcome =>
  OUTCOMES[status] ?? (status >= 400 && status < 500 ? 'refused' : 'again')
