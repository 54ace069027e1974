import { ADOPT_TIMEOUT, adoptSid, endAttempt, requestStart, requestUpdate } from './attempt.ts'
import { candidateAttempt, findAttempt, isSupervised, supervisedAttempts } from './attempts.ts'
import { raiseStartTrouble } from './attention.ts'
import { promoteCandidate } from './candidate.ts'
import { handleChange } from './change.ts'
import { CHANNEL_RULES } from './channel/rules.ts'
import { checkDeadlines } from './deadlines.ts'
import { applyDowntimes } from './downtime.ts'
import {
  addTimelineEntry,
  arm,
  type Draft,
  disarmRecording,
  hasPassedForRecording,
  type Moment,
  openDraft,
} from './draft.ts'
import { armRollOver } from './hourLimit.ts'
import type { KindRules } from './kind.ts'
import { handleNotification } from './notification.ts'
import { PAGE_RULES } from './page/rules.ts'
import { ENDED_STATUSES, handleQueryAnswer } from './queryAnswer.ts'
import { type Attempt, dueAt, type Recording, type RecordingKind, reason, type Time } from './recording.ts'
import { sumUpRepeats } from './repeats.ts'
import { failAttempt, giveUp, postponeStart, restartAfresh, startNext } from './restart.ts'
import { checkRollOver } from './rollOver.ts'
import { beginOrWait, checkSchedule, endIfOver } from './schedule.ts'
import { settleAttempts } from './settle.ts'
import type { Effect, QueryAnswer, Signal } from './signal.ts'
import { closeDraft } from './state.ts'
import { handleStopAnswer, resendStops, stop } from './stopping.ts'
import type { TimelineEntry } from './timeline.ts'
import { handleStopOutput } from './uploads.ts'

export interface Decision {
  recording: Recording
  /** The attempts that have left the recording. They are stored apart, because no decision needs them any more. */
  settled: Attempt[]
  effects: Effect[]
  timeline: TimelineEntry[]
}

/**
 * Decides what a signal changes in a recording, which effects follow, and what goes on the timeline. Downtimes of the
 * reporter that the recording does not know of come first. Pure: time and randomness come from `moment`, and `before` is
 * not modified.
 */
export const decide = (before: Recording, signal: Signal, moment: Moment): Decision => {
  const decision = decideOn(before, signal, moment)
  if (!isOver(before) || !isOver(decision.recording)) return decision
  // It has no times to move, and to store it again for a downtime would postpone its removal.
  return decideOn(before, signal, { ...moment, downtimes: undefined })
}

const RULES: Readonly<Record<RecordingKind, KindRules>> = { page: PAGE_RULES, channel: CHANNEL_RULES }

const decideOn = (before: Recording, signal: Signal, moment: Moment): Decision => {
  const draft = openDraft(before, RULES[before.kind], moment)
  applyDowntimes(draft)
  applySignal(draft, signal)
  promoteIfProven(draft)
  closeDraft(draft, before.state)
  const settled = settleAttempts(draft)
  const { recording, effects, timeline } = draft
  return { recording, settled, effects, timeline }
}

/** A terminal recording of which nothing may run at Agora, and nothing is due. */
const isOver = (recording: Recording): boolean =>
  (recording.state === 'stopped' || recording.state === 'failed') &&
  recording.attempts.every(({ state }) => state === 'ended') &&
  dueAt(recording) === undefined

const applySignal = (draft: Draft, signal: Signal): void => {
  const { recording } = draft
  switch (signal.type) {
    case 'created':
      beginOrWait(draft)
      return
    case 'stop':
      stop(draft)
      return
    case 'restart':
      if (recording.desired === 'stopped' || endIfOver(draft)) return
      addTimelineEntry(draft, 'recording.restart_requested', null, 'Restart requested')
      recording.awaitsStart = false
      restartAfresh(draft)
      return
    case 'due':
      handleDue(draft)
      return
    case 'changed':
      handleChange(draft, signal)
      return
    case 'pause':
    case 'resume':
    case 'joined':
    case 'canary':
    case 'replaceSilent':
      draft.rules.handleSignal(draft, signal)
      return
    default: {
      const attempt = findAttempt(recording, signal.attempt)
      if (attempt) applyAttemptSignal(draft, attempt, signal)
    }
  }
}

type AttemptSignal = Extract<Signal, { attempt: number }>

const applyAttemptSignal = (draft: Draft, attempt: Attempt, signal: AttemptSignal): void => {
  switch (signal.type) {
    case 'acquired':
      // A notification was faster: the sid belongs to the resource that the earlier start was sent with.
      if (attempt.sid !== null) return
      setLikelyResource(attempt, signal.resourceId)
      attempt.acquiredAt = draft.now
      notePossibleToken(attempt, signal)
      return
    case 'started':
      handleStarted(draft, attempt, signal)
      return
    case 'startUnknown':
      handleStartUnknown(draft, attempt, signal)
      return
    case 'startFailed':
      handleStartFailure(draft, attempt, signal)
      return
    case 'queried':
      attempt.query.asking = null
      if (signal.resourceId !== undefined) recordQueriedResource(attempt, signal.resourceId, signal.answer)
      if (isSupervised(draft.recording, attempt.number)) handleQueryAnswer(draft, attempt, signal.answer)
      return
    case 'stopAnswered':
      // The answer is about a task that has ended meanwhile. The stop of the task after it is in flight.
      if (signal.sid !== undefined && signal.sid !== attempt.sid) return
      handleStopOutput(draft, attempt, signal)
      if (attempt.stop && signal.resourceId !== undefined) pinResource(attempt, signal.resourceId)
      handleStopAnswer(draft, attempt, signal)
      return
    case 'notification':
      handleNotification(draft, attempt, signal.notification)
      return
    case 'updateAnswered':
    case 'report':
    case 'tokenRefused':
      draft.rules.handleAttemptSignal(draft, attempt, signal)
      return
  }
}

const handleStarted = (
  draft: Draft,
  attempt: Attempt,
  { sid, resourceId, ...token }: Extract<Signal, { type: 'started' }>,
): void => {
  const { tokenExpiresAt } = attempt
  if (attempt.sid === sid || attempt.sid === null) notePossibleToken(attempt, token)
  adoptSid(draft, attempt, sid, 'start')
  if (attempt.sid !== sid) return
  pinResource(attempt, resourceId)
  // If a notification was faster, the roll-over was planned without this token.
  const isPlanned = draft.recording.deadlines.rollOverAt !== undefined && attempt.state === 'current'
  if (isPlanned && attempt.tokenExpiresAt !== tokenExpiresAt) armRollOver(draft, attempt)
}

/** Which of the starts that were sent went through is not known: the token that expires first counts. */
const notePossibleToken = (attempt: Attempt, { tokenExpiresAt }: { tokenExpiresAt?: Time }): void => {
  if (tokenExpiresAt === undefined) return
  attempt.tokenExpiresAt = Math.min(tokenExpiresAt, attempt.tokenExpiresAt ?? tokenExpiresAt)
}

/** The attempt most likely runs on this resource. The other resources are remembered. */
const setLikelyResource = (attempt: Attempt, resourceId: string): void => {
  const known = attempt.resourceId === null ? [] : [attempt.resourceId]
  attempt.otherResourceIds = [...known, ...attempt.otherResourceIds].filter((id) => id !== resourceId)
  attempt.resourceId = resourceId
}

/** Agora found the sid under this resource. If that task has ended, another start may have gone through after it. */
const recordQueriedResource = (attempt: Attempt, resourceId: string, answer: QueryAnswer): void => {
  if (answer.kind === 'status' && !ENDED_STATUSES.has(answer.status)) pinResource(attempt, resourceId)
  else setLikelyResource(attempt, resourceId)
}

/** The attempt certainly runs on this resource. */
const pinResource = (attempt: Attempt, resourceId: string): void => {
  attempt.resourceId = resourceId
  attempt.otherResourceIds = []
}

const handleStartUnknown = (
  draft: Draft,
  attempt: Attempt,
  { resourceId, trouble, message, evidence, tokenExpiresAt }: Extract<Signal, { type: 'startUnknown' }>,
): void => {
  if (attempt.sid === null || attempt.otherResourceIds.includes(resourceId)) {
    setLikelyResource(attempt, resourceId)
  }
  if (attempt.sid !== null) return
  notePossibleToken(attempt, { tokenExpiresAt })
  addTimelineEntry(draft, 'attempt.unknown', attempt, message, evidence)
  if (!supervisedAttempts(draft.recording).includes(attempt)) return
  arm(draft, attempt, 'confirmBy', ADOPT_TIMEOUT)
  raiseStartTrouble(draft, trouble, message)
}

const handleStartFailure = (
  draft: Draft,
  attempt: Attempt,
  { failure, trouble, message, evidence }: Extract<Signal, { type: 'startFailed' }>,
): void => {
  if (attempt.sid !== null || attempt.state === 'ended') return
  if (!isSupervised(draft.recording, attempt.number)) {
    addTimelineEntry(draft, 'attempt.ended', attempt, message, evidence)
    endAttempt(draft, attempt, reason('stopped', message, evidence))
    return
  }
  const why = reason('start_failed', message, evidence)
  if (failure === 'busy') {
    postponeStart(draft, attempt, why)
    raiseStartTrouble(draft, trouble, message)
    return
  }
  if (failure === 'permanent') {
    const code = attempt.state === 'candidate' ? 'candidate.dropped' : 'attempt.failed'
    addTimelineEntry(draft, code, attempt, why.message, { code: why.code, ...why.evidence })
    endAttempt(draft, attempt, why)
    giveUp(draft, { why, limit: 'the same request would fail again' })
    return
  }
  failAttempt(draft, attempt, why, { taskStatus: 'ended' })
}

/** At least one deadline may have passed. Every deadline is checked against the latest facts. */
const handleDue = (draft: Draft): void => {
  const { recording, now } = draft
  resendStops(draft)
  sumUpRepeats(draft)
  checkSchedule(draft)
  draft.rules.checkRecordingDeadlines(draft)
  for (const attempt of supervisedAttempts(recording)) {
    if (!supervisedAttempts(recording).includes(attempt)) continue
    const resendAt = attempt.update?.nextAt ?? null
    if (resendAt !== null && resendAt <= now) requestUpdate(draft, attempt)
    checkDeadlines(draft, attempt)
  }
  checkRollOver(draft)
  if (!hasPassedForRecording(draft, 'retryAt')) return
  disarmRecording(draft, 'retryAt')
  const postponed = supervisedAttempts(recording).find((attempt) => attempt.postponed)
  if (postponed) requestStart(draft, postponed)
  else startNext(draft)
}

/** A candidate may be proven before its sid is known, if its page loads: it takes over with the sid. */
const promoteIfProven = (draft: Draft): void => {
  const candidate = candidateAttempt(draft.recording)
  if (!candidate || candidate.sid === null) return
  if (draft.rules.isProven(draft.recording, candidate)) promoteCandidate(draft, candidate)
}
