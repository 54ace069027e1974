import { currentAttempt, hasUidsLeft } from '../attempts.ts'
import { startCandidate } from '../candidate.ts'
import type { Draft } from '../draft.ts'
import { type Recording, reason } from '../recording.ts'
import { failAttempt } from '../restart.ts'

/** Whether a canary would show something: the page is silent, and another one may be open beside it. */
export const canStartCanary = (recording: Recording): boolean => {
  const current = currentAttempt(recording)
  const isIdle = recording.desired === 'running' && recording.replacing === null && recording.gaveUp === null
  const mayOverlap = recording.policy.handOver === 'overlap'
  return isIdle && mayOverlap && hasUidsLeft(recording) && current?.sid != null && current.suspicion !== null
}

/**
 * During an ingress outage, tries on this recording whether reports arrive again. The current attempt keeps recording;
 * the canary does not count, and no other follows it unless the runtime asks for one. A page that must not be open twice
 * gets none.
 */
export const startCanary = (draft: Draft): void => {
  const { recording } = draft
  if (!canStartCanary(recording)) return
  const message = 'Most pages are silent: a canary shows whether the reporter can be reached'
  recording.replacing = reason('ingress_outage', message)
  startCandidate(draft, recording.replacing)
}

/** Whether the page is silent and nothing follows from it yet. */
export const canReplaceSilent = (recording: Recording): boolean => {
  const { desired, gaveUp, replacing } = recording
  const isIdle = desired === 'running' && gaveUp === null
  // A canary is no reason to replace the attempt.
  const isReplaced = replacing !== null && replacing.code !== 'ingress_outage'
  return isIdle && !isReplaced && (currentAttempt(recording)?.suspicion ?? null) !== null
}

/**
 * The reporter can be reached, yet this page is silent: it is broken, although most others are silent too. The runtime
 * sends this to the silent recordings one after the other.
 */
export const replaceSilent = (draft: Draft): void => {
  const { recording } = draft
  const current = currentAttempt(recording)
  if (!current || !canReplaceSilent(recording)) return
  const message = 'The page is silent, while the reporter can be reached: a canary has reported'
  const why = reason('page_silent', message, { lastBeatAt: current.lastBeatAt, sid: current.sid })
  failAttempt(draft, current, why, { taskStatus: 'running' })
}
