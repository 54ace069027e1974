import { candidateAttempt, currentAttempt } from './attempts.ts'
import { armRecording, type Draft, disarmRecording, hasPassedForRecording } from './draft.ts'
import { armLastStop, mustStopNow } from './hourLimit.ts'
import { failAttempt, startNext } from './restart.ts'

/** Seconds between checks whether a candidate that was started for another reason has taken over or was dropped. */
const CANDIDATE_RECHECK = 10

/** The planned roll-over: the next attempt starts before the current one reaches its limit, so that nothing is missed. */
export const checkRollOver = (draft: Draft): void => {
  if (!hasPassedForRecording(draft, 'rollOverAt')) return
  disarmRecording(draft, 'rollOverAt')
  const { recording } = draft
  const current = currentAttempt(recording)
  if (current?.sid == null || recording.desired === 'stopped') return
  const why = draft.rules.rollOverReason(recording, current)
  if (mustStopNow(draft, current)) {
    failAttempt(draft, current, why, { taskStatus: 'running', keep: false, kind: 'rollOver' })
    return
  }
  if (recording.gaveUp || recording.replacing?.code === why.code) {
    armLastStop(draft, current)
    return
  }
  if (candidateAttempt(recording)) {
    armRecording(draft, 'rollOverAt', CANDIDATE_RECHECK)
    return
  }
  recording.replacing = why
  disarmRecording(draft, 'retryAt')
  armLastStop(draft, current)
  startNext(draft)
}
