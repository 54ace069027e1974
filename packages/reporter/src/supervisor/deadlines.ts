import { currentAttempt, isSupervised } from './attempts.ts'
import { addTimelineEntry, arm, type Draft, disarm, hasPassed, secondsBetween } from './draft.ts'
import { suspectNoFiles } from './output.ts'
import { describeChecks } from './page/checks.ts'
import { describeErrors, summarizePage } from './page/pageSummary.ts'
import { isExcusedByOutage, isReporting, suspectSilence } from './page/silence.ts'
import { requestQuery } from './query.ts'
import { type Attempt, type Reason, reason } from './recording.ts'
import { failAttempt } from './restart.ts'
import { UNKNOWN_WAITS, waitAt } from './waits.ts'

/** Checks every deadline of a supervised attempt that has passed against the latest facts. */
export const checkDeadlines = (draft: Draft, attempt: Attempt): void => {
  if (attempt.sid === null) {
    if (hasPassed(draft, attempt, 'confirmBy')) failWithoutSid(draft, attempt)
    return
  }
  const why = checkConfirmation(draft, attempt) ?? checkHealth(draft, attempt) ?? checkLoad(draft, attempt)
  if (why) {
    const taskStatus = why.code === 'lost_at_agora' ? 'unknown' : 'running'
    failAttempt(draft, attempt, why, { taskStatus })
  }
  if (!isSupervised(draft.recording, attempt.number)) return
  if (hasPassed(draft, attempt, 'beatBy')) suspectSilence(draft, attempt)
  if (hasPassed(draft, attempt, 'fileBy')) suspectNoFiles(draft, attempt)
  if (hasPassed(draft, attempt, 'queryAt')) requestQuery(draft, attempt)
}

const failWithoutSid = (draft: Draft, attempt: Attempt): void => {
  const why = reason(
    'start_failed',
    `Agora's answer to the start of attempt ${attempt.number} was lost, and no notification brought its sid`,
    { uid: attempt.uid, resourceId: attempt.resourceId },
  )
  failAttempt(draft, attempt, why, { taskStatus: 'unknown' })
}

const checkConfirmation = (draft: Draft, attempt: Attempt): Reason | null => {
  if (!hasPassed(draft, attempt, 'confirmBy')) return null
  const { query } = attempt
  if (query.unknown > 0 || query.asking !== null || isReporting(draft, attempt)) {
    // There is no evidence against the attempt: check again later.
    arm(draft, attempt, 'confirmBy', waitAt(UNKNOWN_WAITS, UNKNOWN_WAITS.length))
    return null
  }
  const waited = secondsBetween(attempt.startedAt, draft.now)
  const message = `Agora did not confirm the recording within ${waited} s: it did not start, or it quit`
  return reason('lost_at_agora', message, { waited, notFound: query.notFound, sid: attempt.sid })
}

const checkHealth = (draft: Draft, attempt: Attempt): Reason | null => {
  if (!hasPassed(draft, attempt, 'healthyBy') || !attempt.page) return null
  if (isExcusedByOutage(draft, attempt, 'healthyBy')) return null
  disarm(attempt, 'healthyBy')
  const { failing, failingSince, errors, firstError } = attempt.page
  const lasted = secondsBetween(failingSince, draft.now)
  const message = [
    `The page has reported failed checks for ${lasted} s: ${describeChecks(failing)}`,
    ...describeErrors(attempt.page),
  ].join('; ')
  return reason('page_unhealthy', message, { lasted, failing, errors, firstError })
}

const checkLoad = (draft: Draft, attempt: Attempt): Reason | null => {
  if (!hasPassed(draft, attempt, 'loadBy') || isExcusedByOutage(draft, attempt, 'loadBy')) return null
  disarm(attempt, 'loadBy')
  if (isExcusedByRollOver(draft, attempt)) return null
  const waited = secondsBetween(attempt.startedAt, draft.now)
  const { message, evidence } = summarizePage(draft, attempt)
  if (attempt.page) {
    return reason('page_not_loaded', `The page has not loaded after ${waited} s. ${message}`, {
      waited,
      ...evidence,
    })
  }
  attempt.suspicion = 'never_contacted'
  addTimelineEntry(
    draft,
    'page.never_contacted',
    attempt,
    `No report from the page within ${waited} s: querying Agora. ${message}`,
    { waited, ...evidence },
  )
  requestQuery(draft, attempt)
  return null
}

/**
 * Agora is about to end the current attempt. If that one's page does not report either (it has no probe, or its reports do
 * not arrive), the candidate's silence is no evidence against it: it takes over when the current attempt ends.
 */
const isExcusedByRollOver = (draft: Draft, attempt: Attempt): boolean => {
  if (attempt.state !== 'candidate' || attempt.candidateFor?.code !== 'max_recording_hour') return false
  const current = currentAttempt(draft.recording)
  return current !== undefined && attempt.page === null && !isReporting(draft, current)
}
