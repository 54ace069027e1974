import { currentAttempt, isSupervised, supervisedAttempts } from '../attempts.ts'
import { adapt, addTimelineEntry, type Draft, disarm, hasPassed, secondsBetween } from '../draft.ts'
import type { Policy } from '../policy.ts'
import { requestQuery } from '../query.ts'
import { type Attempt, type Reason, reason } from '../recording.ts'
import { failAttempt } from '../restart.ts'
import { describeChecks } from './checks.ts'
import { describeErrors, summarizePage } from './pageSummary.ts'
import { isExcusedByOutage, isReporting, silenceAllowed, suspectSilence } from './silence.ts'

/** Whether the page has recovered, has loaded and reports in time. */
export const checkPageDeadlines = (draft: Draft, attempt: Attempt): void => {
  const why = checkHealth(draft, attempt) ?? checkLoad(draft, attempt)
  if (why) failAttempt(draft, attempt, why, { taskStatus: 'running' })
  if (!isSupervised(draft.recording, attempt.number)) return
  if (hasPassed(draft, attempt, 'beatBy')) suspectSilence(draft, attempt)
}

/** The user has changed the policy. The page learns its interval with the answer to its next report. */
export const adaptPageDeadlines = (draft: Draft, before: Policy): void => {
  const { policy } = draft.recording
  for (const attempt of supervisedAttempts(draft.recording)) {
    const { loadedAt, page, lastBeatAt } = attempt
    if (page && policy.heartbeatInterval !== before.heartbeatInterval) {
      attempt.formerInterval = Math.max(before.heartbeatInterval, attempt.formerInterval ?? 0)
    }
    adapt(draft, attempt, 'beatBy', { from: before.heartbeatTimeout, to: policy.heartbeatTimeout })
    if (attempt.deadlines.beatBy !== undefined && lastBeatAt !== null) {
      const earliest = lastBeatAt + silenceAllowed(policy, attempt) * 1000
      attempt.deadlines.beatBy = Math.max(attempt.deadlines.beatBy, earliest)
    }
    adapt(draft, attempt, 'healthyBy', { from: before.unhealthyTimeout, to: policy.unhealthyTimeout })
    // A page that has loaded once has `reloadGrace` from then on.
    const timeout = loadedAt === null ? 'loadTimeout' : 'reloadGrace'
    adapt(draft, attempt, 'loadBy', { from: before[timeout], to: policy[timeout] })
  }
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
