import { keepCurrent } from '../candidate.ts'
import { addTimelineEntry, arm, type Draft, disarm, hasPassed, secondsBetween } from '../draft.ts'
import { isDoubtful } from '../query.ts'
import { type Attempt, reason } from '../recording.ts'
import { failAttempt } from '../restart.ts'
import { recoverChannel } from './recovery.ts'

/** Seconds from the sid that Agora has to register a task for high availability (best practices for cloud recording). */
export const HA_TIMEOUT = 10

/** With `requireHa`, an attempt that another server of Agora's could not continue is replaced. */
export const awaitHa = (draft: Draft, attempt: Attempt): void => {
  if (draft.recording.policy.requireHa && attempt.haAt === null) arm(draft, attempt, 'haBy', HA_TIMEOUT)
}

/** Event 13 */
export const registerHa = (draft: Draft, attempt: Attempt): void => {
  if (attempt.haAt !== null) return
  attempt.haAt = draft.now
  disarm(attempt, 'haBy')
  const message = 'Agora has registered the attempt for high availability (event 13)'
  addTimelineEntry(draft, 'attempt.ha_registered', attempt, message)
  if (attempt.state !== 'current') return
  keepIfHa(draft, attempt)
  if (draft.recording.gaveUp) recoverChannel(draft, attempt)
}

/** Event 13 came late. While Agora denies the task, it may have ended since: its candidate may be all that records. */
export const keepIfHa = (draft: Draft, current: Attempt): void => {
  const isReplaced = draft.recording.replacing?.code === 'not_highly_available'
  if (isReplaced && current.haAt !== null && !isDoubtful(current.query)) keepCurrent(draft, current)
}

export const checkHa = (draft: Draft, attempt: Attempt): void => {
  if (!hasPassed(draft, attempt, 'haBy')) return
  disarm(attempt, 'haBy')
  const waited = secondsBetween(attempt.startedAt, draft.now)
  const message = `Agora has not registered attempt ${attempt.number} for high availability within ${waited} s (event 13)`
  const why = reason('not_highly_available', message, { waited, sid: attempt.sid })
  failAttempt(draft, attempt, why, { taskStatus: 'running' })
}
