import { candidateAttempt, currentAttempt } from './attempts.ts'
import { startCandidate } from './candidate.ts'
import { armRecording, type Draft, disarmRecording, hasPassedForRecording } from './draft.ts'
import { reason } from './recording.ts'

/** Seconds between checks whether a candidate that was started for another reason has taken over or was dropped. */
const CANDIDATE_RECHECK = 10

/** The planned roll-over: a candidate starts before Agora ends the current attempt, so that nothing is missed. */
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
  const hours = recording.maxRecordingHour
  const message = `Agora ends attempt ${current.number} after ${hours} h (maxRecordingHour)`
  recording.replacing = reason('max_recording_hour', message, { maxRecordingHour: hours })
  disarmRecording(draft, 'retryAt')
  startCandidate(draft, recording.replacing)
}
