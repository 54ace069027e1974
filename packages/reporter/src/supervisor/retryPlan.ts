import { currentAttempt, hasUidsLeft } from './attempts.ts'
import type { Draft } from './draft.ts'
import { capAtHourLimit } from './hourLimit.ts'
import type { RestartPolicy } from './policy.ts'

/** When the next attempt starts. */
export interface RetryPlan {
  /** In seconds. */
  delay: number
  /** The limit that was reached, if any: the retries are slow, or the recording gives up. */
  limit: string | null
  ends: boolean
}

export const NO_DELAY: RetryPlan = { delay: 0, limit: null, ends: false }

/** When the next candidate starts beside the current attempt; one is left for the end of that. */
export const planCandidate = (draft: Draft, plan: RetryPlan = planNext(draft)): RetryPlan => {
  const current = currentAttempt(draft.recording)
  return current ? { ...plan, delay: capAtHourLimit(draft, current, plan.delay) } : plan
}

export const NO_UIDS_LEFT = 'all uids of the recording are used'

/** When the next attempt starts by the policy: after its delays, slowly once a limit is reached, or never. */
export const planNext = (draft: Draft): RetryPlan => {
  if (!hasUidsLeft(draft.recording)) return { delay: 0, limit: NO_UIDS_LEFT, ends: true }
  const limit = limitReached(draft)
  if (limit === null) return { delay: nextDelay(draft), limit, ends: false }
  if (draft.recording.policy.restart.final) return { delay: 0, limit, ends: true }
  return { delay: slowDelay(draft), limit, ends: false }
}

/** The limit of `policy.restart` that was reached, in words; null if none was. */
export const limitReached = ({ recording, rules }: Pick<Draft, 'recording' | 'rules'>): string | null => {
  const { maxFailures, within, maxNeverLoaded } = recording.policy.restart
  if (recording.neverLoaded >= maxNeverLoaded) {
    return `${recording.neverLoaded} consecutive attempts ${rules.words.neverProven}`
  }
  if (recording.withoutFiles >= maxNeverLoaded) {
    return `Agora listed no file of ${recording.withoutFiles} consecutive attempts`
  }
  if (recording.failures.length > maxFailures) {
    return `more than ${maxFailures} ${maxFailures === 1 ? 'failure' : 'failures'} within ${within} s`
  }
  return null
}

const nextDelay = ({ recording, random }: Draft): number =>
  delayAt(recording.policy.restart, recording.failures.length - 1, random)

/** Seconds before a slow retry, by default the next one. */
export const slowDelay = ({ recording, random }: Draft, index: number = recording.slowRetries): number => {
  const { restart } = recording.policy
  return delayAt({ ...restart, delays: restart.slowDelays }, index, random)
}

/**
 * Seconds before the slow retry that is waited for, as the policy has them now: it may have been changed since. Null if none
 * is waited for.
 */
export const pendingSlowDelay = (draft: Draft): number | null => {
  const { slowRetries, attempts } = draft.recording
  if (slowRetries === 0 || attempts.some(({ postponed }) => postponed)) return null
  return limitReached(draft) === null ? nextDelay(draft) : slowDelay(draft, slowRetries - 1)
}

/**
 * Seconds before a restart: the policy's delay number `index` (the last one repeats), varied by its jitter.
 * @param random in [0, 1)
 */
export const delayAt = (
  restart: Pick<RestartPolicy, 'delays' | 'jitter'>,
  index: number,
  random: number,
): number => {
  const delay = restart.delays[Math.min(index, restart.delays.length - 1)] ?? 0
  return delay * (1 + restart.jitter * (2 * random - 1))
}
