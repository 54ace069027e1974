import { isSupervised } from './attempts.ts'
import { arm, type Draft, hasPassed, secondsBetween } from './draft.ts'
import { suspectNoFiles } from './output.ts'
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
  const why = checkConfirmation(draft, attempt)
  if (why) failAttempt(draft, attempt, why, { taskStatus: 'unknown' })
  else draft.rules.checkDeadlines(draft, attempt)
  if (!isSupervised(draft.recording, attempt.number)) return
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
  if (query.unknown > 0 || query.asking !== null || draft.rules.showsLife(draft, attempt)) {
    // There is no evidence against the attempt: check again later.
    arm(draft, attempt, 'confirmBy', waitAt(UNKNOWN_WAITS, UNKNOWN_WAITS.length))
    return null
  }
  const waited = secondsBetween(attempt.startedAt, draft.now)
  const message = `Agora did not confirm the recording within ${waited} s: it did not start, or it quit`
  return reason('lost_at_agora', message, { waited, notFound: query.notFound, sid: attempt.sid })
}
