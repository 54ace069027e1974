import { disarmAttempt, endAttempt, startAttempt, supersede } from './attempt.ts'
import { addTimelineEntry, arm, type Draft, disarm } from './draft.ts'
import type { RestartPolicy } from './policy.ts'
import { type Attempt, isPostponed, type Reason, reason } from './recording.ts'

/** What is known about the failed attempt's task: `ended` needs no stop, and only `running` can be kept. */
export type TaskStatus = 'running' | 'ended' | 'unknown'

/** A `failure` counts against the restart limits. A `rollOver` is an expected end; the next attempt starts immediately. */
export type FailureKind = 'failure' | 'rollOver'

/** Seconds. Agora allows 10 requests per second for all recordings together, so one may not use them up. */
const MIN_POSTPONEMENT = 1

/**
 * The live attempt has failed: makes the next one, or gives up once the policy's limits are reached. If the recording
 * was stopped or has given up, only the attempt's end is recorded.
 */
export const failAttempt = (
  draft: Draft,
  attempt: Attempt,
  why: Reason,
  options: { taskStatus: TaskStatus; kind?: FailureKind },
): void => {
  const { recording } = draft
  const { taskStatus, kind = 'failure' } = options
  if (recording.desired === 'stopped' || recording.gaveUp) {
    addFailureEntry(draft, attempt, why)
    retireAttempt(draft, attempt, why, taskStatus)
    return
  }
  if (kind === 'failure') countFailure(draft, attempt)
  const limit = kind === 'failure' ? limitReached(draft) : null
  if (limit !== null) {
    addFailureEntry(draft, attempt, why)
    giveUp(draft, attempt, { why, taskStatus, limit })
    return
  }
  const delay = nextDelay(draft, kind)
  addFailureEntry(draft, attempt, why, delay)
  retireAttempt(draft, attempt, why, taskStatus)
  recording.reason = why
  if (delay === 0) {
    startAttempt(draft)
    return
  }
  arm(draft, 'retryAt', delay)
  const message = `The next attempt starts in ${delay.toFixed(1)} s`
  addTimelineEntry(draft, 'retry.scheduled', null, message, { delay })
}

/** The decision in one entry: what was found, and what follows from it. */
const addFailureEntry = (draft: Draft, attempt: Attempt, why: Reason, delay?: number): void => {
  const { attempts, uidBase } = draft.recording
  const number = attempts.length + 1
  const next = delay === undefined ? undefined : { attempt: number, uid: String(uidBase + number), delay }
  const when = next && next.delay > 0 ? ` in ${next.delay.toFixed(1)} s` : ''
  const then = next ? ` → attempt ${next.attempt}, uid ${next.uid}${when}` : ''
  addTimelineEntry(draft, 'attempt.failed', attempt, `${why.message}${then}`, {
    code: why.code,
    ...why.evidence,
    ...(next && { next }),
  })
}

/** Stops making attempts. A task that Agora still runs is kept running and watched if `onGiveUp` is `keep`. */
export const giveUp = (
  draft: Draft,
  attempt: Attempt,
  { why, taskStatus, limit }: { why: Reason; taskStatus: TaskStatus; limit: string },
): void => {
  const { recording } = draft
  recording.gaveUp = why
  recording.reason = why
  disarm(draft, 'retryAt')
  addTimelineEntry(draft, 'recording.gave_up', attempt, `No further attempt: ${limit}. ${why.message}`, {
    code: why.code,
    limit,
    ...why.evidence,
  })
  if (taskStatus === 'running' && recording.policy.onGiveUp === 'keep') {
    disarmAttempt(draft)
    attempt.suspicion = null
    arm(draft, 'queryAt', recording.policy.queryInterval)
    return
  }
  retireAttempt(draft, attempt, why, taskStatus)
}

/** The attempt no longer counts: it has ended, or it is to be stopped. */
const retireAttempt = (draft: Draft, attempt: Attempt, why: Reason, taskStatus: TaskStatus): void => {
  if (taskStatus === 'ended') endAttempt(draft, attempt, why)
  else supersede(draft, attempt, why)
}

const countFailure = (draft: Draft, attempt: Attempt): void => {
  const { recording, now } = draft
  endRolling(draft)
  const { within } = recording.policy.restart
  recording.failures = [...recording.failures.filter((at) => now - at < within * 1000), now]
  if (attempt.loadedAt === null) recording.neverLoaded += 1
}

/** The recording is no longer rolling. If it was for `stableAfter`, earlier failures are forgotten. */
export const endRolling = ({ recording, now }: Draft): void => {
  const { rollingSince, policy } = recording
  if (rollingSince === null) return
  if (now - rollingSince >= policy.restart.stableAfter * 1000) recording.failures = []
  recording.rollingSince = null
}

const limitReached = ({ recording }: Draft): string | null => {
  const { maxFailures, within, maxNeverLoaded } = recording.policy.restart
  if (recording.neverLoaded >= maxNeverLoaded) {
    return `${recording.neverLoaded} consecutive attempts never loaded`
  }
  if (recording.failures.length > maxFailures) {
    return `${recording.failures.length} failures within ${within} s exceed the limit of ${maxFailures}`
  }
  return null
}

const nextDelay = ({ recording, random }: Draft, kind: FailureKind): number =>
  kind === 'rollOver' ? 0 : delayAt(recording.policy.restart, recording.failures.length - 1, random)

/**
 * Agora did not accept the start and runs nothing: the same start is sent again later. This costs nothing and is not the
 * recording's fault, so it does not count as a failure: an outage of Agora must not end the recording.
 */
export const postponeStart = (draft: Draft, attempt: Attempt, why: Reason): void => {
  const { recording, random } = draft
  attempt.resourceId = null
  attempt.otherResourceIds = []
  attempt.acquiredAt = null
  recording.postponed += 1
  recording.reason = why
  // Begins with the second delay: the first may be 0, and Agora has just refused. The minimum covers a policy whose
  // delays are all 0; without it, the start would be resent without a pause and without a limit.
  const delay = Math.max(MIN_POSTPONEMENT, delayAt(recording.policy.restart, recording.postponed, random))
  arm(draft, 'retryAt', delay)
  addTimelineEntry(draft, 'attempt.postponed', attempt, `${why.message}. Retry in ${delay.toFixed(1)} s`, {
    delay,
    ...why.evidence,
  })
}

/**
 * Seconds before a restart: the policy's delay number `index` (the last one repeats), varied by its jitter.
 * @param random in [0, 1)
 */
export const delayAt = (restart: RestartPolicy, index: number, random: number): number => {
  const delay = restart.delays[Math.min(index, restart.delays.length - 1)] ?? 0
  return delay * (1 + restart.jitter * (2 * random - 1))
}

/** A user requested a restart: all counts are reset, and a new attempt takes over immediately. */
export const restartAfresh = (draft: Draft, attempt: Attempt | undefined): void => {
  const { recording } = draft
  recording.failures = []
  recording.neverLoaded = 0
  recording.postponed = 0
  recording.gaveUp = null
  recording.reason = null
  if (attempt) {
    const taskStatus = isPostponed(recording) ? 'ended' : 'running'
    retireAttempt(draft, attempt, reason('restarted', 'Restart requested'), taskStatus)
  }
  recording.freshFrom = recording.attempts.length + 1
  startAttempt(draft)
}
