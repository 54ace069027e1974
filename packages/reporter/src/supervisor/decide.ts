import {
  ADOPT_TIMEOUT,
  adoptSid,
  disarmAttempt,
  endAttempt,
  holdAsWanted,
  reason,
  requestStart,
  startAttempt,
  supersede,
} from './attempt.ts'
import {
  arm,
  ask,
  type Draft,
  defer,
  disarm,
  type Moment,
  openDraft,
  passed,
  secondsBetween,
  tell,
} from './draft.ts'
import { bearWith, inWords, judgeAttempt, NOT_FOUND_WAITS, weighAnswer } from './evidence.ts'
import { answerUpdate, pause, resume } from './hold.ts'
import { hearAgora } from './notification.ts'
import {
  type Attempt,
  isCurrent,
  isPostponed,
  liveAttempt,
  type Reason,
  type Recording,
  type RecordingState,
  type StopProgress,
} from './recording.ts'
import { hearPage } from './report.ts'
import { endRolling, failAttempt, giveUp, postpone, restartAfresh } from './restart.ts'
import type { Effect, Signal } from './signal.ts'
import type { TimelineEntry } from './timeline.ts'

export interface Decision {
  recording: Recording
  effects: Effect[]
  timeline: TimelineEntry[]
}

/** Waits between stops that got no clear answer; the last one repeats until Agora confirms the end. */
const STOP_WAITS = [5, 10, 15, 30, 60]

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
      forgiveAbsence(draft, signal.awaySeconds)
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
      settleOn(attempt, signal.resourceId)
      adoptSid(draft, attempt, signal.sid, 'start')
      return
    case 'startUnknown':
      prefer(attempt, signal.resourceId)
      if (attempt.sid !== null) return
      tell(draft, 'attempt.unknown', attempt, signal.message, signal.evidence)
      if (liveAttempt(recording) === attempt) arm(draft, 'confirmBy', ADOPT_TIMEOUT)
      return
    case 'notStarted':
      hearNotStarted(draft, attempt, signal)
      return
    case 'queried':
      attempt.query.asking = false
      if (signal.resourceId !== undefined) settleOn(attempt, signal.resourceId)
      if (isCurrent(recording, attempt.number)) weighAnswer(draft, attempt, signal.answer)
      return
    case 'stopAnswered':
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

/** The resource that the attempt runs on for sure. */
const settleOn = (attempt: Attempt, resourceId: string): void => {
  attempt.resourceId = resourceId
  attempt.otherResourceIds = []
}

/** Stop wins over everything. An attempt whose sid is still to come is stopped as soon as it is known. */
const stop = (draft: Draft): void => {
  const { recording } = draft
  if (recording.desired === 'stopped') return
  recording.desired = 'stopped'
  recording.reason = reason('stopped', 'A stop was asked for')
  tell(draft, 'recording.stop_requested', null, 'A stop was asked for')
  const attempt = liveAttempt(recording)
  if (attempt && isPostponed(recording)) endAttempt(draft, attempt, recording.reason)
  disarm(draft, 'retryAt', 'loadBy', 'beatBy', 'healthyBy', 'queryAt')
  if (!attempt || attempt.sid === null) return
  supersede(draft, attempt, recording.reason)
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

const hearStopAnswer = (
  draft: Draft,
  attempt: Attempt,
  signal: Extract<Signal, { type: 'stopAnswered' }>,
): void => {
  const progress = attempt.stop
  if (!progress || attempt.state === 'ended') return
  const gone = signal.outcome === 'notFound' && isGone(draft, progress)
  if (signal.outcome === 'stopped' || gone) {
    const how = gone
      ? `Agora no longer knows it, asked ${progress.notFound} times in ${secondsBetween(progress.notFoundSince, draft.now)} s`
      : 'Agora confirms the stop'
    tell(draft, 'attempt.ended', attempt, how, signal.evidence)
    endAttempt(draft, attempt, reason('stopped', how))
    return
  }
  const tries = signal.outcome === 'notFound' ? progress.notFound : ++progress.unknown
  const waits = signal.outcome === 'notFound' ? NOT_FOUND_WAITS : STOP_WAITS
  const wait = waits[Math.min(tries, waits.length) - 1] ?? 0
  progress.nextAt = draft.now + wait * 1000
  if (tries === 1) {
    tell(
      draft,
      'attempt.stop_unconfirmed',
      attempt,
      `Agora has not confirmed the stop: again in ${wait} s`,
      signal.evidence,
    )
  }
}

/** One more 404. It may be a failover, in which nothing is stopped: a task that comes back from it would run on. */
const isGone = (draft: Draft, progress: StopProgress): boolean => {
  progress.notFound += 1
  progress.notFoundSince ??= draft.now
  const since = secondsBetween(progress.notFoundSince, draft.now)
  return progress.notFound > NOT_FOUND_WAITS.length && since >= draft.recording.policy.failoverWindow
}

/** A deadline may have passed; whatever is fine on the newest facts is left alone. */
const judge = (draft: Draft): void => {
  const { recording, now } = draft
  for (const attempt of recording.attempts) {
    if (!attempt.stop || attempt.stop.nextAt === null || attempt.stop.nextAt > now) continue
    attempt.stop.nextAt = null
    draft.effects.push({ kind: 'stop', attempt: attempt.number })
  }
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

/**
 * While the reporter was away nobody could be heard, so nobody is blamed for silence: every deadline gets its
 * whole time again, and Agora is asked what still runs.
 */
const forgiveAbsence = (draft: Draft, awaySeconds: number): void => {
  const { recording } = draft
  const { policy } = recording
  const attempt = liveAttempt(recording)
  if (!attempt) return
  if (recording.deadlines.confirmBy !== undefined) {
    defer(draft, 'confirmBy', attempt.sid === null ? ADOPT_TIMEOUT : policy.confirmTimeout)
  }
  bearWith(draft, attempt, {
    loadBy: policy.loadTimeout,
    beatBy: policy.heartbeatTimeout,
    healthyBy: policy.unhealthyTimeout,
  })
  // Answers from before do not add up to a row of 404s with the one that comes now.
  attempt.query.notFound = 0
  attempt.query.notFoundSince = null
  const away = `The reporter was away for ${awaySeconds.toFixed(1)} s: deadlines begin afresh`
  tell(draft, 'reporter.returned', attempt, away, { awaySeconds })
  if (recording.desired === 'running') ask(draft, attempt)
}

/** What follows from the facts: the state, its reason, and the next stop to be sent again. */
const closeDraft = (draft: Draft, before: RecordingState): void => {
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
  if (recording.state === 'unhealthy') recording.reason = recording.gaveUp ?? ailment(recording)
  if (recording.state === before) return
  if (recording.state === 'rolling') tell(draft, 'recording.rolling', null, 'The recording is rolling')
  if (recording.state === 'stopped') tell(draft, 'recording.stopped', null, 'The recording has ended')
  if (recording.state === 'failed') {
    tell(draft, 'recording.failed', null, `Nothing is recorded any more: ${recording.reason?.message ?? ''}`)
  }
}

/** What is wrong with a page that is still within tolerance. */
const ailment = (recording: Recording): Reason => {
  const failing = liveAttempt(recording)?.page?.failing ?? []
  return failing.length > 0
    ? reason('page_unhealthy', `The page reports: ${inWords(failing)}`, { failing })
    : reason('page_silent', 'The page is silent, and Agora is being asked')
}

const stateOf = (recording: Recording): RecordingState => {
  if (recording.desired === 'stopped') {
    const settled = recording.attempts.every(({ state }) => state === 'ended' || state === 'orphaned')
    return settled ? 'stopped' : 'stopping'
  }
  const attempt = liveAttempt(recording)
  if (!attempt) return recording.gaveUp ? 'failed' : 'recovering'
  if (recording.gaveUp) return 'unhealthy'
  if (attempt.sid === null) return isPostponed(recording) ? 'recovering' : 'starting'
  if (!attempt.page?.loaded) return 'loading'
  return attempt.suspicion !== null || attempt.page.failing.length > 0 ? 'unhealthy' : 'rolling'
}
