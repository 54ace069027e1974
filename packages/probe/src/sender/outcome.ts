import type { ReportAnswer } from '../types.ts'
import { parseAnswer } from './answer.ts'

/**
 * What a response means for a report:
 * - `accepted`: the reporter has stored it
 * - `dropSid`: the report's sid is not this attempt's; send the report again without it
 * - `superseded`: another attempt is current
 * - `retry`: the report was not stored; send it again later
 * - `refused`: the reporter will never accept a report of this document
 */
export type Outcome = 'accepted' | 'dropSid' | 'superseded' | 'retry' | 'refused'

/** What the body of a response says. */
export interface Verdict {
  outcome: Outcome
  /** Of `accepted` and `superseded`, if the body is an answer. */
  answer?: ReportAnswer | undefined
  /** Of `refused`: the reporter's reason, for a person. */
  detail?: string
}

/** The reporter's types of problems after which a report is not sent again as it is. */
const OUTCOMES: { readonly [type: string]: Outcome | undefined } = {
  // @ts-expect-error Without a prototype, which a page may have extended.
  __proto__: null,
  'urn:stillrolling:problem:conflict': 'dropSid',
  'urn:stillrolling:problem:gone': 'superseded',
  'urn:stillrolling:problem:malformed-request': 'refused',
  'urn:stillrolling:problem:not-authorized': 'refused',
}

/**
 * Only the reporter's own word ends the sending, so the body decides and not the status: a proxy in front of it may answer
 * 404, 410 or 401 on its own while the reporter is being replaced.
 *
 * @param body parsed JSON; undefined if there is none
 */
export const verdictOf = (body: unknown): Verdict => {
  const answer = parseAnswer(body)
  if (answer) return { outcome: answer.current === false ? 'superseded' : 'accepted', answer }
  const { type, detail } = (body ?? {}) as { type?: string; detail?: string }
  return { outcome: OUTCOMES[`${type}`] ?? 'retry', detail: `${detail}` }
}
