import type { Draft } from './draft.ts'
import type { StopCode } from './policy.ts'
import type { Attempt, Reason, Recording, Time } from './recording.ts'

/**
 * How long an attempt stays in the recording after it has ended, in milliseconds. Meanwhile Agora's late notifications about
 * it are likely: those of the upload, and those that it sends again.
 */
const SETTLE_AFTER_MS = 600_000
/** At most this number of ended attempts stay for that long, however fast they follow each other. */
const MAX_RECENT = 16
/** Of the orphaned attempts, those stay which Agora may run longest, and at most this number. */
const MAX_ORPHANED = 16

/**
 * Takes the attempts out of the recording that no decision needs any more, and returns them. So the size of a recording, and
 * the cost of a decision, do not depend on how many attempts were made. A signal that names a settled attempt still finds it:
 * the engine puts the attempt back before the decision, and it settles again.
 */
export const settleAttempts = ({ recording, now }: Draft): Attempt[] => {
  const stay = attemptsToKeep(recording, now)
  const settled = recording.attempts.filter((attempt) => !stay.has(attempt))
  if (settled.length > 0) recording.attempts = recording.attempts.filter((attempt) => stay.has(attempt))
  return settled
}

const attemptsToKeep = (recording: Recording, now: Time): Set<Attempt> => {
  const { attempts } = recording
  const active = attempts.filter(({ state }) => state !== 'ended' && state !== 'orphaned')
  const ended = attempts.filter(({ state }) => state === 'ended')
  const recent = ended.slice(-MAX_RECENT).filter(({ endedAt }) => (endedAt ?? 0) > now - SETTLE_AFTER_MS)
  return new Set([
    ...active,
    ...recent,
    ...orphansToKeep(attempts, now),
    ...newestOfEachStop(recording, ended),
    ...attempts.slice(-1),
    ...attempts.filter(isInLine).slice(-1),
  ])
}

/** Whether the attempt was the recording for a while, or was to be: all are but the candidates that never loaded. */
export const isInLine = ({ candidateFor, loadedAt }: Attempt): boolean =>
  candidateFor === null || loadedAt !== null

/** A session of unknown origin may belong to them. Without `mayRunUntil`, as an earlier version wrote it, it is unknown. */
const orphansToKeep = (attempts: readonly Attempt[], now: Time): Attempt[] => {
  const until = ({ mayRunUntil }: Attempt): Time => mayRunUntil ?? Number.MAX_SAFE_INTEGER
  return attempts
    .filter((attempt) => attempt.state === 'orphaned' && until(attempt) > now - SETTLE_AFTER_MS)
    .sort((one, other) => until(other) - until(one) || other.number - one.number)
    .slice(0, MAX_ORPHANED)
}

/** Whether both attempts were stopped by Agora with the same code. */
export const isSameStop = (one: Reason | null, other: Reason): boolean =>
  one?.code === other.code && one.evidence.code === other.evidence.code

/** With `restartOnce` the next stop with the same code ends the recording. */
const newestOfEachStop = ({ policy, freshFrom }: Recording, ended: readonly Attempt[]): Attempt[] => {
  const counted = ended.filter(
    ({ number, endReason }) =>
      number >= freshFrom && policy.onStopCode[`${endReason?.evidence.code}` as StopCode] === 'restartOnce',
  )
  return counted.filter(
    ({ endReason }, index) =>
      endReason && !counted.slice(index + 1).some((later) => isSameStop(later.endReason, endReason)),
  )
}
