import { disarmAttempt, endAttempt, reason, startAttempt, supersede } from './attempt.ts'
import { addTimelineEntry, arm, type Draft, disarm } from './draft.ts'
import type { RestartPolicy } from './policy.ts'
import { type Attempt, isPostponed, type Reason } from './recording.ts'

/** What Agora does with the failed attempt: `gone` needs no stop, and only what is known to be `running` can be kept. */
export type TaskStatus = 'running' | 'gone' | 'unknown'

/** A `failure` counts against the restart limits; a `rollOver` is an expected end, and the next one comes at once. */
export type FailureKind = 'failure' | 'rollOver'

/** Seconds: with Agora's 10 requests per second for everybody, one recording should not ask more often. */
const MIN_POSTPONEMENT = 1

/**
 * The live attempt has failed: make the next one, or give up when the policy's limits are reached.
 * Does nothing to a recording that nobody wants any more, or that has given up, but to note the attempt's end.
 */
export const failAttempt = (
  draft: Draft,
  attempt: Attempt,
  why: Reason,
  options: { where: TaskStatus; blame?: FailureKind },
): void => {
  const { recording } = draft
  const { where, blame = 'failure' } = options
  if (recording.desired === 'stopped' || recording.gaveUp) {
    addFailureEntry(draft, attempt, why)
    retireAttempt(draft, attempt, why, where)
    return
  }
  if (blame === 'failure') countFailure(draft, attempt)
  const limit = blame === 'failure' ? limitReached(draft) : null
  if (limit !== null) {
    addFailureEntry(draft, attempt, why)
    giveUp(draft, attempt, why, where, limit)
    return
  }
  const delay = nextDelay(draft, blame)
  addFailureEntry(draft, attempt, why, delay)
  retireAttempt(draft, attempt, why, where)
  recording.reason = why
  if (delay === 0) {
    startAttempt(draft)
    return
  }
  arm(draft, 'retryAt', delay)
  addTimelineEntry(draft, 'retry.scheduled', null, `The next attempt is made in ${delay.toFixed(1)} s`, {
    delay,
  })
}

/** The decision in one line: what was found, and what follows from it. */
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

/** Stops making attempts. What Agora still runs is left running and watched, if the policy says so. */
export const giveUp = (
  draft: Draft,
  attempt: Attempt,
  why: Reason,
  where: TaskStatus,
  limit: string,
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
  if (where === 'running' && recording.policy.onGiveUp === 'keep') {
    disarmAttempt(draft)
    attempt.suspicion = null
    arm(draft, 'queryAt', recording.policy.queryInterval)
    return
  }
  retireAttempt(draft, attempt, why, where)
}

const retireAttempt = (draft: Draft, attempt: Attempt, why: Reason, where: TaskStatus): void => {
  if (where === 'gone') endAttempt(draft, attempt, why)
  else supersede(draft, attempt, why)
}

const countFailure = (draft: Draft, attempt: Attempt): void => {
  const { recording, now } = draft
  endRolling(draft)
  const { within } = recording.policy.restart
  recording.failures = [...recording.failures.filter((at) => now - at < within * 1000), now]
  if (attempt.loadedAt === null) recording.neverLoaded += 1
}

/** It rolls no longer. When it did for long enough, earlier failures are forgotten. */
export const endRolling = ({ recording, now }: Draft): void => {
  const { rollingSince, policy } = recording
  if (rollingSince === null) return
  if (now - rollingSince >= policy.restart.stableAfter * 1000) recording.failures = []
  recording.rollingSince = null
}

const limitReached = ({ recording }: Draft): string | null => {
  const { maxFailures, within, maxNeverLoaded } = recording.policy.restart
  if (recording.neverLoaded >= maxNeverLoaded) {
    return `${recording.neverLoaded} attempts in a row never loaded`
  }
  if (recording.failures.length > maxFailures) {
    return `${recording.failures.length} failures within ${within} s are more than ${maxFailures}`
  }
  return null
}

const nextDelay = ({ recording, random: dice }: Draft, blame: FailureKind): number =>
  blame === 'rollOver' ? 0 : delayAt(recording.policy.restart, recording.failures.length - 1, dice)

/**
 * Agora did not take the start and runs nothing: the same attempt is started again later. That costs nothing and says
 * nothing about the recording, so it is not counted: an outage of Agora ends, and the recording must still be wanted.
 */
export const postponeStart = (draft: Draft, attempt: Attempt, why: Reason): void => {
  const { recording, random: dice } = draft
  attempt.resourceId = null
  attempt.otherResourceIds = []
  attempt.acquiredAt = null
  recording.postponed += 1
  recording.reason = why
  // The first delay may be 0, and Agora has just said no: begin with the second. As nothing is counted, a policy
  // without delays would never pause.
  const delay = Math.max(MIN_POSTPONEMENT, delayAt(recording.policy.restart, recording.postponed, dice))
  arm(draft, 'retryAt', delay)
  addTimelineEntry(draft, 'attempt.postponed', attempt, `${why.message}. Again in ${delay.toFixed(1)} s`, {
    delay,
    ...why.evidence,
  })
}

/** Seconds before a restart: the policy's delay number `index`, varied by its jitter; `dice` is in [0, 1). */
export const delayAt = (restart: RestartPolicy, index: number, dice: number): number => {
  const delay = restart.delays[Math.min(index, restart.delays.length - 1)] ?? 0
  return delay * (1 + restart.jitter * (2 * dice - 1))
}

/** A person asked for a fresh beginning: the count is 0 again, and a new attempt takes over at once. */
export const restartAfresh = (draft: Draft, attempt: Attempt | undefined): void => {
  const { recording } = draft
  recording.failures = []
  recording.neverLoaded = 0
  recording.postponed = 0
  recording.gaveUp = null
  recording.reason = null
  if (attempt) {
    const where = isPostponed(recording) ? 'gone' : 'running'
    retireAttempt(draft, attempt, reason('restarted', 'A restart was asked for'), where)
  }
  recording.freshFrom = recording.attempts.length + 1
  startAttempt(draft)
}
