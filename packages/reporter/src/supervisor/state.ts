import { disarmAttempt } from './attempt.ts'
import { describeChecks } from './checks.ts'
import { addTimelineEntry, type Draft, disarm } from './draft.ts'
import {
  isPostponed,
  liveAttempt,
  type Reason,
  type Recording,
  type RecordingState,
  reason,
} from './recording.ts'
import { endRolling } from './restart.ts'

/** Derives from the facts: the state, its reason, and when the next stop or update is retried. */
export const closeDraft = (draft: Draft, before: RecordingState): void => {
  const { recording } = draft
  const stops = recording.attempts.flatMap(({ stop }) => (stop?.nextAt == null ? [] : [stop.nextAt]))
  if (stops.length > 0) recording.deadlines.stopBy = Math.min(...stops)
  else disarm(draft, 'stopBy')
  const resendAt = liveAttempt(recording)?.update?.nextAt ?? null
  if (resendAt !== null) recording.deadlines.updateBy = resendAt
  else disarm(draft, 'updateBy')
  recording.state = stateOf(recording)
  if (!liveAttempt(recording)) disarmAttempt(draft)
  if (recording.state === 'rolling') {
    recording.reason = null
    recording.rollingSince ??= draft.now
  } else {
    endRolling(draft)
  }
  if (recording.state === 'unhealthy') recording.reason = recording.gaveUp ?? currentProblem(recording)
  if (recording.state === before) return
  if (recording.state === 'rolling')
    addTimelineEntry(draft, 'recording.rolling', null, 'The recording is rolling')
  if (recording.state === 'stopped')
    addTimelineEntry(draft, 'recording.stopped', null, 'The recording has stopped')
  if (recording.state === 'failed') {
    addTimelineEntry(
      draft,
      'recording.failed',
      null,
      `Nothing is recorded any more: ${recording.reason?.message ?? ''}`,
    )
  }
}

/** What is wrong with a page that still has time to recover. */
const currentProblem = (recording: Recording): Reason => {
  const failing = liveAttempt(recording)?.page?.failing ?? []
  return failing.length > 0
    ? reason('page_unhealthy', `The page reports: ${describeChecks(failing)}`, { failing })
    : reason('page_silent', 'The page is silent; there is no other evidence against it yet')
}

const stateOf = (recording: Recording): RecordingState => {
  if (recording.desired === 'stopped') {
    const nothingRuns = recording.attempts.every(({ state }) => state === 'ended' || state === 'orphaned')
    return nothingRuns ? 'stopped' : 'stopping'
  }
  const attempt = liveAttempt(recording)
  if (!attempt) return recording.gaveUp ? 'failed' : 'recovering'
  if (recording.gaveUp) return 'unhealthy'
  if (attempt.sid === null) return isPostponed(recording) ? 'recovering' : 'starting'
  if (!attempt.page?.loaded) return 'loading'
  return attempt.suspicion !== null || attempt.page.failing.length > 0 ? 'unhealthy' : 'rolling'
}
