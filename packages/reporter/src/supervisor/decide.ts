import { forgiveAbsence } from './absence.ts'
import {
  ADOPT_TIMEOUT,
  adoptSid,
  endAttempt,
  holdAsWanted,
  reason,
  requestStart,
  startAttempt,
} from './attempt.ts'
import { arm, type Draft, disarm, type Moment, openDraft, passed, tell } from './draft.ts'
import { ENDED_STATUSES, judgeAttempt, weighAnswer } from './evidence.ts'
import { answerUpdate, pause, resume } from './hold.ts'
import { hearAgora } from './notification.ts'
import { type Attempt, isCurrent, liveAttempt, type Recording } from './recording.ts'
import { hearPage } from './report.ts'
import { failAttempt, giveUp, postpone, restartAfresh } from './restart.ts'
import type { Effect, QueryAnswer, Signal } from './signal.ts'
import { closeDraft } from './state.ts'
import { hearStopAnswer, resendStops, stop } from './stopping.ts'
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
  hear(draft, signal)
  closeDraft(draft, before.state)
  const { recording, effects, timeline } = draft
  return { recording, effects, timeline }
}

const hear = (draft: Draft, signal: Signal): void => {
  const { recording } = draft
  switch (signal.type) {
    case 'created':
      tell(draft, 'recording.created', null, 'The recording is wanted')
      startAttempt(draft)
      return
    case 'stop':
      stop(draft)
      return
    case 'restart':
      if (recording.desired === 'stopped') return
      tell(draft, 'recording.restart_requested', null, 'A restart was asked for')
      restartAfresh(draft, liveAttempt(recording))
      return
    case 'pause':
      pause(draft)
      return
    case 'resume':
      resume(draft)
      return
    case 'due':
      judge(draft)
      return
    case 'returned':
      forgiveAbsence(draft, signal)
      return
  }
  const attempt = recording.attempts[signal.attempt - 1]
  if (!attempt) return
  switch (signal.type) {
    case 'acquired':
      // A notification was faster: the sid belongs to the resource that start was sent with before.
      if (attempt.sid !== null) return
      prefer(attempt, signal.resourceId)
      attempt.acquiredAt = draft.now
      return
    case 'started':
      adoptSid(draft, attempt, signal.sid, 'start')
      if (attempt.sid === signal.sid) settleOn(attempt, signal.resourceId)
      return
    case 'startUnknown':
      if (attempt.sid === null || attempt.otherResourceIds.includes(signal.resourceId)) {
        prefer(attempt, signal.resourceId)
      }
      if (attempt.sid !== null) return
      tell(draft, 'attempt.unknown', attempt, signal.message, signal.evidence)
      if (liveAttempt(recording) === attempt) arm(draft, 'confirmBy', ADOPT_TIMEOUT)
      return
    case 'notStarted':
      hearNotStarted(draft, attempt, signal)
      return
    case 'queried':
      attempt.query.asking = null
      if (signal.resourceId !== undefined) hearWhere(attempt, signal.resourceId, signal.answer)
      if (isCurrent(recording, attempt.number)) weighAnswer(draft, attempt, signal.answer)
      return
    case 'stopAnswered':
      // Of the task that ended meanwhile: the stop of the one after it is under way.
      if (signal.sid !== undefined && signal.sid !== attempt.sid) return
      if (attempt.stop && signal.resourceId !== undefined) settleOn(attempt, signal.resourceId)
      hearStopAnswer(draft, attempt, signal)
      return
    case 'updateAnswered':
      answerUpdate(draft, attempt, signal)
      return
    case 'report':
      hearPage(draft, attempt, signal.report)
      return
    case 'notification':
      hearAgora(draft, attempt, signal.notification)
      return
  }
}

/** The resource that the attempt most likely runs on; the others are remembered. */
const prefer = (attempt: Attempt, resourceId: string): void => {
  const known = attempt.resourceId === null ? [] : [attempt.resourceId]
  attempt.otherResourceIds = [...known, ...attempt.otherResourceIds].filter((id) => id !== resourceId)
  attempt.resourceId = resourceId
}

/** Agora knows the sid by this resource. If the task has ended, another start may have gone through after it. */
const hearWhere = (attempt: Attempt, resourceId: string, answer: QueryAnswer): void => {
  if (answer.kind === 'status' && !ENDED_STATUSES.has(answer.status)) settleOn(attempt, resourceId)
  else prefer(attempt, resourceId)
}

/** The resource that the attempt runs on for sure. */
const settleOn = (attempt: Attempt, resourceId: string): void => {
  attempt.resourceId = resourceId
  attempt.otherResourceIds = []
}

const hearNotStarted = (
  draft: Draft,
  attempt: Attempt,
  signal: Extract<Signal, { type: 'notStarted' }>,
): void => {
  if (attempt.sid !== null || attempt.state === 'ended') return
  if (!isCurrent(draft.recording, attempt.number)) {
    tell(draft, 'attempt.ended', attempt, signal.message, signal.evidence)
    endAttempt(draft, attempt, reason('stopped', signal.message, signal.evidence))
    return
  }
  const why = reason('start_failed', signal.message, signal.evidence)
  if (signal.failure === 'permanent') {
    tell(draft, 'attempt.failed', attempt, why.message, { code: why.code, ...why.evidence })
    giveUp(draft, attempt, why, 'gone', 'the same request would fail again')
    return
  }
  if (signal.failure === 'busy') postpone(draft, attempt, why)
  else failAttempt(draft, attempt, why, { where: 'gone' })
}

/** A deadline may have passed; whatever is fine on the newest facts is left alone. */
const judge = (draft: Draft): void => {
  const { recording, now } = draft
  resendStops(draft)
  const attempt = liveAttempt(recording)
  const resendAt = attempt?.update?.nextAt ?? null
  if (attempt && resendAt !== null && resendAt <= now) holdAsWanted(draft, attempt)
  if (!passed(draft, 'retryAt')) {
    if (attempt) judgeAttempt(draft, attempt)
    return
  }
  disarm(draft, 'retryAt')
  if (attempt) requestStart(draft, attempt)
  else startAttempt(draft)
}
