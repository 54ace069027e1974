import { currentAttempt, supervisedAttempts } from './attempts.ts'
import { isPlanned } from './candidate.ts'
import { adapt, armRecording, type Draft } from './draft.ts'
import { armRollOver } from './hourLimit.ts'
import { suspendFileDeadline } from './output.ts'
import type { Policy } from './policy.ts'
import type { Attempt } from './recording.ts'
import { pendingSlowDelay } from './retryPlan.ts'

/**
 * The user has changed the policy. Deadlines that are armed follow it; what a start brings to Agora (`readyTimeout`, `fence`)
 * applies from the next attempt on, and what a decision looks up, from the next one.
 */
export const applyPolicy = (draft: Draft, policy: Policy): void => {
  const { recording } = draft
  const before = recording.policy
  recording.policy = policy
  for (const attempt of supervisedAttempts(recording)) adaptDeadlines(draft, attempt, before)
  draft.rules.handlePolicy(draft, before)
  planRollOverAnew(draft, before)
  hastenSlowRetry(draft)
}

const adaptDeadlines = (draft: Draft, attempt: Attempt, before: Policy): void => {
  const { confirmTimeout, fileTimeout, queryInterval } = draft.recording.policy
  // Without a sid, `confirmBy` is the end of the wait for a lost one.
  if (attempt.sid !== null) {
    adapt(draft, attempt, 'confirmBy', { from: before.confirmTimeout, to: confirmTimeout })
  }
  if (fileTimeout === 0) suspendFileDeadline(attempt)
  else adapt(draft, attempt, 'fileBy', { from: before.fileTimeout, to: fileTimeout })
  // A longer interval applies after the next query: `queryAt` may be that of an urgent one.
  if (queryInterval < before.queryInterval) {
    adapt(draft, attempt, 'queryAt', { from: before.queryInterval, to: queryInterval })
  }
}

/** Unless the roll-over has begun, or the recording makes no further attempt. */
const planRollOverAnew = (draft: Draft, before: Policy): void => {
  const { recording } = draft
  const { rollOverAhead, handOver } = recording.policy
  if (rollOverAhead === before.rollOverAhead && handOver === before.handOver) return
  const current = currentAttempt(recording)
  if (!current || current.sid === null || recording.gaveUp) return
  if (recording.replacing === null || !isPlanned(recording.replacing)) armRollOver(draft, current)
}

/** A slow retry that is waited for comes earlier, if it would by the new policy. */
const hastenSlowRetry = (draft: Draft): void => {
  const { recording, now } = draft
  const { retryAt } = recording.deadlines
  const delay = pendingSlowDelay(draft)
  if (retryAt === undefined || delay === null || now + delay * 1000 >= retryAt) return
  armRecording(draft, 'retryAt', delay)
}
