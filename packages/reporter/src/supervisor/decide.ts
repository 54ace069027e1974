import {
  ADOPT_TIMEOUT,
  adoptSid,
  endAttempt,
  reason,
  requestStart,
  startAttempt,
  syncPause,
} from './attempt.ts'
import { resetAfterDowntime } from './downtime.ts'
import { addTimelineEntry, arm, type Draft, disarm, hasPassed, type Moment, openDraft } from './draft.ts'
import { checkDeadlines, ENDED_STATUSES, handleQueryAnswer } from './evidence.ts'
import { handleNotification } from './notification.ts'
import { handleUpdateAnswer, pause, resume } from './pause.ts'
import { type Attempt, isCurrent, liveAttempt, type Recording } from './recording.ts'
import { handlePageReport } from './report.ts'
import { failAttempt, giveUp, postponeStart, restartAfresh } from './restart.ts'
import type { Effect, QueryAnswer, Signal } from './signal.ts'
import { closeDraft } from './state.ts'
import { handleStopAnswer, resendStops, stop } from './stopping.ts'
import type { TimelineEntry } from './timeline.ts'

export interface Decision {
  recording: Recording
  effects: Effect[]
  timeline: TimelineEntry[]
}

/**
 * The one decision: what a signal changes in a recording, what is to be done about it, and its story.
 * Pure: the time and the dice come in with the moment, and nothing is touched but the answer.
 */
export const decide = (before: Recording, signal: Signal, moment: Moment): Decision => {
  const draft = openDraft(before, moment)
  applySignal(draft, signal)
  closeDraft(draft, before.state)
  const { recording, effects, timeline } = draft
  return { recording, effects, timeline }
}

const applySignal = (draft: Draft, signal: Signal): void => {
  const { recording } = draft
  switch (signal.type) {
    case 'created':
      addTimelineEntry(draft, 'recording.created', null, 'The recording is wanted')
      startAttempt(draft)
      return
    case 'stop':
      stop(draft)
      return
    case 'restart':
      if (recording.desired === 'stopped') return
      addTimelineEntry(draft, 'recording.restart_requested', null, 'A restart was asked for')
      restartAfresh(draft, liveAttempt(recording))
      return
    case 'pause':
      pause(draft)
      return
    case 'resume':
      resume(draft)
      return
    case 'due':
      handleDue(draft)
      return
    case 'resumedAfterDowntime':
      resetAfterDowntime(draft, signal)
      return
  }
  const attempt = recording.attempts[signal.attempt - 1]
  if (!attempt) return
  switch (signal.type) {
    case 'acquired':
      // A notification was faster: the sid belongs to the resource that start was sent with before.
      if (attempt.sid !== null) return
      setLikelyResource(attempt, signal.resourceId)
      attempt.acquiredAt = draft.now
      return
    case 'started':
      adoptSid(draft, attempt, signal.sid, 'start')
      if (attempt.sid === signal.sid) pinResource(attempt, signal.resourceId)
      return
    case 'startUnknown':
      if (attempt.sid === null || attempt.otherResourceIds.includes(signal.resourceId)) {
        setLikelyResource(attempt, signal.resourceId)
      }
      if (attempt.sid !== null) return
      addTimelineEntry(draft, 'attempt.unknown', attempt, signal.message, signal.evidence)
      if (liveAttempt(recording) === attempt) arm(draft, 'confirmBy', ADOPT_TIMEOUT)
      return
    case 'startFailed':
      handleStartFailure(draft, attempt, signal)
      return
    case 'queried':
      attempt.query.asking = null
      if (signal.resourceId !== undefined) recordQueriedResource(attempt, signal.resourceId, signal.answer)
      if (isCurrent(recording, attempt.number)) handleQueryAnswer(draft, attempt, signal.answer)
      return
    case 'stopAnswered':
      // Of the task that ended meanwhile: the stop of the one after it is under way.
      if (signal.sid !== undefined && signal.sid !== attempt.sid) return
      if (attempt.stop && signal.resourceId !== undefined) pinResource(attempt, signal.resourceId)
      handleStopAnswer(draft, attempt, signal)
      return
    case 'updateAnswered':
      handleUpdateAnswer(draft, attempt, signal)
      return
    case 'report':
      handlePageReport(draft, attempt, signal.report)
      return
    case 'notification':
      handleNotification(draft, attempt, signal.notification)
      return
  }
}

/** The resource that the attempt most likely runs on; the others are remembered. */
const setLikelyResource = (attempt: Attempt, resourceId: string): void => {
  const known = attempt.resourceId === null ? [] : [attempt.resourceId]
  attempt.otherResourceIds = [...known, ...attempt.otherResourceIds].filter((id) => id !== resourceId)
  attempt.resourceId = resourceId
}

/** Agora knows the sid by this resource. If the task has ended, another start may have gone through after it. */
const recordQueriedResource = (attempt: Attempt, resourceId: string, answer: QueryAnswer): void => {
  if (answer.kind === 'status' && !ENDED_STATUSES.has(answer.status)) pinResource(attempt, resourceId)
  else setLikelyResource(attempt, resourceId)
}

/** The resource that the attempt runs on for sure. */
const pinResource = (attempt: Attempt, resourceId: string): void => {
  attempt.resourceId = resourceId
  attempt.otherResourceIds = []
}

const handleStartFailure = (
  draft: Draft,
  attempt: Attempt,
  signal: Extract<Signal, { type: 'startFailed' }>,
): void => {
  if (attempt.sid !== null || attempt.state === 'ended') return
  if (!isCurrent(draft.recording, attempt.number)) {
    addTimelineEntry(draft, 'attempt.ended', attempt, signal.message, signal.evidence)
    endAttempt(draft, attempt, reason('stopped', signal.message, signal.evidence))
    return
  }
  const why = reason('start_failed', signal.message, signal.evidence)
  if (signal.failure === 'permanent') {
    addTimelineEntry(draft, 'attempt.failed', attempt, why.message, { code: why.code, ...why.evidence })
    giveUp(draft, attempt, why, 'gone', 'the same request would fail again')
    return
  }
  if (signal.failure === 'busy') postponeStart(draft, attempt, why)
  else failAttempt(draft, attempt, why, { where: 'gone' })
}

/** A deadline may have passed; whatever is fine on the newest facts is left alone. */
const handleDue = (draft: Draft): void => {
  const { recording, now } = draft
  resendStops(draft)
  const attempt = liveAttempt(recording)
  const resendAt = attempt?.update?.nextAt ?? null
  if (attempt && resendAt !== null && resendAt <= now) syncPause(draft, attempt)
  if (!hasPassed(draft, 'retryAt')) {
    if (attempt) checkDeadlines(draft, attempt)
    return
  }
  disarm(draft, 'retryAt')
  if (attempt) requestStart(draft, attempt)
  else startAttempt(draft)
}
