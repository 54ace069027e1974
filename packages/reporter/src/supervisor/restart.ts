import { endAttempt, startAttempt, supersede } from './attempt.ts'
import { candidateAttempt, currentAttempt, hasUidsLeft } from './attempts.ts'
import { clearAttention, raiseAttention } from './attention.ts'
import {
  assignCandidate,
  dropCandidate,
  healthDisproves,
  isPlanned,
  retireStarted,
  startCandidate,
  takeOver,
} from './candidate.ts'
import { addTimelineEntry, armRecording, type Draft, disarmRecording } from './draft.ts'
import { armLastStop, isAtHourLimit } from './hourLimit.ts'
import { type Attempt, type Reason, reason } from './recording.ts'
import {
  delayAt,
  limitReached,
  NO_DELAY,
  NO_UIDS_LEFT,
  planCandidate,
  planNext,
  type RetryPlan,
  slowDelay,
} from './retryPlan.ts'

/** What is known about the failed attempt's task: `ended` needs no stop, and only `running` can be kept. */
export type TaskStatus = 'running' | 'ended' | 'unknown'

/**
 * A `failure` counts against the restart limits. The others are expected ends: after a `rollOver` the next attempt starts
 * immediately, and after an `idleExit` (the channel had no users) as its `plan` says.
 */
export type FailureKind = 'failure' | 'rollOver' | 'idleExit'

interface FailureOptions {
  taskStatus: TaskStatus
  kind?: FailureKind
  /** Whether a running task is worth keeping until a candidate is proven. */
  keep?: boolean
  /** When the next attempt starts after an expected end; by default immediately. */
  plan?: RetryPlan
}

/** Seconds. Agora allows 10 requests per second for all recordings together, so one may not use them up. */
const MIN_POSTPONEMENT = 1

/**
 * An attempt has failed. A candidate is dropped. A current attempt that Agora still records keeps recording until a
 * candidate takes over from it; one that has ended is replaced immediately, or after the policy's delays.
 */
export const failAttempt = (draft: Draft, attempt: Attempt, why: Reason, options: FailureOptions): void => {
  const { recording } = draft
  const { taskStatus, keep = taskStatus === 'running' } = options
  if (recording.desired === 'stopped') {
    addFailureEntry(draft, attempt, why)
    retireAttempt(draft, attempt, why, taskStatus)
    return
  }
  if (attempt.state === 'candidate') failCandidate(draft, attempt, why, options)
  else if (keep) replaceCurrent(draft, why)
  else endCurrent(draft, attempt, why, options)
}

/** Soft evidence: the current attempt keeps recording until another one takes over. */
const replaceCurrent = (draft: Draft, why: Reason): void => {
  const { recording } = draft
  recording.reason = why
  const { replacing } = recording
  if (recording.gaveUp) return
  // A canary is no reason to replace the attempt, and evidence that is found meanwhile is one.
  if (replacing !== null && replacing.code !== 'ingress_outage') {
    // A healthy page would disprove what was found before, but not this. It is one failure of the attempt.
    if (healthDisproves(replacing) && !healthDisproves(why)) recording.replacing = why
    return
  }
  recording.replacing = why
  countFailure(draft)
  const candidate = candidateAttempt(recording)
  if (candidate) assignCandidate(draft, candidate, why)
  else scheduleCandidate(draft, why)
}

const ENTRY_OF = { rollOver: 'attempt.rolled_over', idleExit: 'attempt.idle_exit' } as const

/** Hard evidence: there is nothing left to keep. */
const endCurrent = (draft: Draft, attempt: Attempt, why: Reason, options: FailureOptions): void => {
  const { recording } = draft
  const kind = options.kind ?? (isAtHourLimit(draft, attempt) ? 'rollOver' : 'failure')
  const { replacing } = recording
  // Soft evidence against the attempt was counted when it was found.
  const isCounted = replacing !== null && isFailure(replacing)
  if (kind === 'failure' && !isCounted) countFailure(draft)
  if (kind !== 'failure') disarmRecording(draft, 'retryAt')
  const isScheduled = recording.gaveUp !== null || recording.deadlines.retryAt !== undefined
  const plan = kind === 'failure' ? planNext(draft) : (options.plan ?? NO_DELAY)
  const candidate = candidateAttempt(recording)
  if (kind === 'failure') addFailureEntry(draft, attempt, why, candidate || isScheduled ? undefined : plan)
  else addTimelineEntry(draft, ENTRY_OF[kind], attempt, why.message, { code: why.code, ...why.evidence })
  retireAttempt(draft, attempt, why, options.taskStatus)
  recording.reason = why
  recording.replacing = null
  disarmRecording(draft, 'rollOverAt')
  if (candidate) takeOver(draft, candidate)
  else if (!isScheduled) followPlan(draft, why, plan)
  else if (attempt.loadedAt !== null) hastenSlowRetry(draft, why)
}

/**
 * The kept attempt recorded until now, and the next candidate was waited for. Now nothing is recorded: the slow retries
 * begin again with their first delay, if that ends earlier. An attempt that never loaded recorded nothing either.
 */
const hastenSlowRetry = (draft: Draft, why: Reason): void => {
  const { recording, now } = draft
  const { retryAt } = recording.deadlines
  const limit = limitReached(draft)
  if (retryAt === undefined || limit === null) return
  const delay = slowDelay(draft, 0)
  if (now + delay * 1000 >= retryAt) return
  recording.slowRetries = 0
  followPlan(draft, why, { delay, limit, ends: false })
}

/** The decision in one entry: what was found, and what follows from it. */
const addFailureEntry = (draft: Draft, attempt: Attempt, why: Reason, plan?: RetryPlan): void => {
  const { attemptCount, uidBase } = draft.recording
  const number = attemptCount + 1
  const next =
    plan && !plan.ends ? { attempt: number, uid: String(uidBase + number), delay: plan.delay } : undefined
  const when = next && next.delay > 0 ? ` in ${next.delay.toFixed(1)} s` : ''
  const then = next ? ` → attempt ${next.attempt}, uid ${next.uid}${when}` : ''
  addTimelineEntry(draft, 'attempt.failed', attempt, `${why.message}${then}`, {
    code: why.code,
    ...why.evidence,
    ...(next && { next }),
  })
}

const failCandidate = (draft: Draft, candidate: Attempt, why: Reason, options: FailureOptions): void => {
  const { recording } = draft
  const { taskStatus, kind = 'failure', plan } = options
  const cause = candidate.candidateFor
  const message = `${why.message}: candidate ${candidate.number} is dropped, attempt ${currentAttempt(recording)?.number} keeps recording`
  addTimelineEntry(draft, 'candidate.dropped', candidate, message, { code: why.code, ...why.evidence })
  if (taskStatus === 'ended') endAttempt(draft, candidate, why)
  else retireStarted(draft, candidate, why)
  const isCanary = cause?.code === 'ingress_outage'
  if (isCanary && recording.replacing?.code === 'ingress_outage') {
    recording.replacing = null
    return
  }
  if (!isCanary && kind === 'failure') countFailure(draft, candidate)
  scheduleCandidate(draft, recording.replacing ?? why, plan)
}

const followPlan = (draft: Draft, why: Reason, { delay, limit, ends }: RetryPlan): void => {
  const { recording } = draft
  if (ends) {
    giveUp(draft, { why, limit: limit ?? '' })
    return
  }
  if (limit !== null) {
    recording.slowRetries += 1
    raiseAttention(draft, 'slow_retries', `Retrying slowly: ${limit}. ${why.message}`)
  }
  if (delay === 0) {
    startNext(draft)
    return
  }
  armRecording(draft, 'retryAt', delay)
  const message = `The next attempt starts in ${delay.toFixed(1)} s`
  addTimelineEntry(draft, 'retry.scheduled', null, message, { delay, code: why.code })
}

const scheduleCandidate = (draft: Draft, why: Reason, plan?: RetryPlan): void =>
  followPlan(draft, why, planCandidate(draft, plan))

/**
 * Starts the next attempt. If a current attempt is to be replaced, it starts beside it as a candidate, or, with
 * `handOver: "replace"`, the current attempt is stopped.
 */
export const startNext = (draft: Draft): void => {
  const { recording } = draft
  const { replacing } = recording
  if (recording.desired === 'stopped') return
  const current = currentAttempt(recording)
  if (current && (!replacing || candidateAttempt(recording))) return
  if (!hasUidsLeft(recording)) {
    const why = replacing ?? recording.reason ?? reason('start_failed', 'No attempt can be started')
    giveUp(draft, { why, limit: NO_UIDS_LEFT })
    return
  }
  if (current && replacing && recording.policy.handOver === 'overlap') {
    startCandidate(draft, replacing)
    return
  }
  if (current && replacing) {
    if (isFailure(replacing)) addFailureEntry(draft, current, replacing, NO_DELAY)
    else addTimelineEntry(draft, 'attempt.rolled_over', current, replacing.message, replacing.evidence)
    supersede(draft, current, replacing)
    recording.replacing = null
    disarmRecording(draft, 'rollOverAt')
  }
  startAttempt(draft)
}

/** Makes no further attempt. A current attempt that Agora still runs keeps running and is supervised. */
export const giveUp = (draft: Draft, { why, limit }: { why: Reason; limit: string }): void => {
  const { recording } = draft
  recording.gaveUp = why
  recording.reason = why
  recording.replacing = null
  recording.waitingSince = null
  disarmRecording(draft, 'retryAt', 'rollOverAt')
  const candidate = candidateAttempt(recording)
  if (candidate) dropCandidate(draft, candidate, why)
  const kept = currentAttempt(recording)
  if (kept) armLastStop(draft, kept)
  const message = `No further attempt: ${limit}. ${why.message}`
  const evidence = { code: why.code, limit, ...why.evidence }
  addTimelineEntry(draft, 'recording.gave_up', kept ?? null, message, evidence)
}

/** Whether the current attempt is replaced because something is wrong with it. */
export const isFailure = (why: Reason): boolean => !isPlanned(why) && why.code !== 'ingress_outage'

/** The attempt no longer counts: it has ended, or it is to be stopped. */
export const retireAttempt = (draft: Draft, attempt: Attempt, why: Reason, taskStatus: TaskStatus): void => {
  if (taskStatus === 'ended') endAttempt(draft, attempt, why)
  else supersede(draft, attempt, why)
}

const countFailure = (draft: Draft, attempt: Attempt | undefined = currentAttempt(draft.recording)): void => {
  const { recording, now } = draft
  endRolling(draft)
  const { within, maxFailures, delays } = recording.policy.restart
  const inWindow = [...recording.failures.filter((at) => now - at < within * 1000), now]
  // Older ones change neither whether the limit is reached nor the delay: the last delay repeats.
  recording.failures = inWindow.slice(-Math.max(maxFailures + 1, delays.length))
  // Evidence against an attempt may be disproved, and other evidence be found: it is still one attempt.
  if (attempt?.loadedAt !== null || attempt.countedNeverLoaded) return
  attempt.countedNeverLoaded = true
  recording.neverLoaded += 1
}

/** The recording is no longer rolling. If it was for `stableAfter`, earlier failures are forgotten. */
export const endRolling = ({ recording, now }: Draft): void => {
  const { rollingSince, policy } = recording
  if (rollingSince === null) return
  if (now - rollingSince >= policy.restart.stableAfter * 1000) recording.failures = []
  recording.rollingSince = null
}

/** A good attempt, giving up or a stop ends the slow retries. */
export const endSlowRetries = (draft: Draft): void => {
  draft.recording.slowRetries = 0
  clearAttention(draft, 'slow_retries')
}

/**
 * Agora did not accept the start and runs nothing: the same start is sent again later. This costs nothing and is not the
 * recording's fault, so it does not count as a failure: an outage of Agora must not end the recording.
 */
export const postponeStart = (draft: Draft, attempt: Attempt, why: Reason): void => {
  const { recording, random } = draft
  attempt.resourceId = null
  attempt.otherResourceIds = []
  attempt.acquiredAt = null
  attempt.tokenExpiresAt = null
  attempt.postponed = true
  recording.postponed += 1
  if (attempt.state !== 'candidate') recording.reason = why
  // Begins with the second delay: the first may be 0, and Agora has just refused. The minimum covers a policy whose
  // delays are all 0; without it, the start would be resent without a pause and without a limit.
  const delay = Math.max(MIN_POSTPONEMENT, delayAt(recording.policy.restart, recording.postponed, random))
  armRecording(draft, 'retryAt', delay)
  addTimelineEntry(draft, 'attempt.postponed', attempt, `${why.message}. Retry in ${delay.toFixed(1)} s`, {
    delay,
    ...why.evidence,
  })
}

/** A user requested a restart: all counts are reset, and a new attempt takes over immediately. */
export const restartAfresh = (draft: Draft): void => {
  const { recording } = draft
  const why = reason('restarted', 'Restart requested')
  if (!hasUidsLeft(recording)) {
    giveUp(draft, { why, limit: NO_UIDS_LEFT })
    return
  }
  const supervised = [candidateAttempt(recording), currentAttempt(recording)]
  for (const attempt of supervised) if (attempt) retireStarted(draft, attempt, why)
  recording.failures = []
  recording.idleExits = []
  recording.neverLoaded = 0
  recording.withoutFiles = 0
  recording.replacing = null
  recording.gaveUp = null
  recording.reason = null
  endSlowRetries(draft)
  disarmRecording(draft, 'retryAt', 'rollOverAt')
  recording.freshFrom = recording.attemptCount + 1
  startAttempt(draft)
}
