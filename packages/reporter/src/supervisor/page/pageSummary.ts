import { type Draft, secondsBetween } from '../draft.ts'
import type { Attempt, Evidence, Page } from '../recording.ts'
import { describeChecks } from './checks.ts'

/** What is known about an attempt's page: a sentence for a person, without a full stop, and the facts in it. */
export interface PageSummary {
  message: string
  evidence: Evidence
}

/**
 * What an attempt's page reported last or, if it never reached the reporter, where to look. Every entry about a page that
 * does not load or falls silent says it in these words, whether the reporter notices first or Agora.
 */
export const summarizePage = ({ now }: Draft, attempt: Attempt): PageSummary => {
  const { page, lastBeatAt } = attempt
  if (!page) return summarizeMissingPage(attempt)
  const { loaded, failing, failingSince, errors = 0, firstError } = page
  const openedAt = page.openedAt ?? attempt.helloAt
  const state = `${describeTimes(openedAt, lastBeatAt, now)}: ${describeState(page, now)}`
  return {
    message: [state, ...describeErrors(page)].join('; '),
    evidence: { openedAt, lastBeatAt, loaded, failing, failingSince, errors, firstError },
  }
}

const summarizeMissingPage = ({ tokenRefusedAt }: Attempt): PageSummary => ({
  message:
    tokenRefusedAt === null
      ? `The page never reached the reporter. ${WHERE_TO_LOOK}`
      : 'The page never reached the reporter, but a report that names the attempt was refused: no secret in STILLROLLING_SECRET has signed its token',
  evidence: { openedAt: null, tokenRefusedAt },
})

/** The causes for which a page that was opened sends no report, the most frequent first. */
const WHERE_TO_LOOK =
  "Does it have the script tag, does a Content Security Policy keep the tag's file or its reports from being loaded, is the reporter's public URL (PUBLIC_URL) reachable from outside, and does a redirect keep the parameter stillrolling in the page's URL?"

/** A page that reported once and one that reports every few seconds are different problems. */
const describeTimes = (openedAt: number | null, lastBeatAt: number | null, now: number): string => {
  const first = secondsBetween(openedAt, now)
  const last = secondsBetween(lastBeatAt, now)
  return first === last
    ? `The page reported once, ${last} s ago`
    : `The page reported first ${first} s ago and last ${last} s ago`
}

/** `1 script error: ReferenceError …`; nothing for a page without errors. Old probes send no text. */
export const describeErrors = ({ errors = 0, firstError }: Page): string[] => {
  if (errors === 0) return []
  const count = errors === 1 ? '1 script error' : `${errors} script errors`
  if (firstError === undefined) return [count]
  return [`${count}${errors === 1 ? '' : ', the first'}: ${firstError}`]
}

const describeState = ({ loaded, failing, failingSince }: Page, now: number): string => {
  const checks = describeChecks(failing)
  if (!loaded) return failing.length > 0 ? `it waits for ${checks}` : 'it has not loaded, and no check fails'
  if (failing.length === 0) return 'it had loaded, and all its checks passed'
  return `checks have failed for ${secondsBetween(failingSince, now)} s: ${checks}`
}
