import { candidateAttempt, currentAttempt } from './attempts.ts'
import { armRecording, type Draft, disarmRecording, hasPassedForRecording } from './draft.ts'
import { startNext } from './restart.ts'

/** Seconds between checks whether a candidate that was started for another reason has taken over or was dropped. */
const CANDIDATE_RECHECK = 10

/** The planned roll-over: the next attempt starts before the current one reaches its limit, so that nothing is missed. */
export const checkRollOver = (draft: Draft): void => {
  if (!hasPassedForRecording(draft, 'rollOverAt')) return
  disarmRecording(draft, 'rollOverAt')
  const { recording } = draft
  const current = currentAttempt(recording)
  if (current?.sid == null || recording.desired === 'stopped') return
  if (candidateAttempt(recording)) {
    armRecording(draft, 'rollOverAt', CANDIDATE_RECHECK)
    return
  }
  recording.replacing = draft.rules.rollOverReason(recording, current)
  disarmRecording(draft, 'retryAt')
  startNext(draft)
}
