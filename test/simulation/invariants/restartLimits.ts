import {
  candidateAttempt,
  currentAttempt,
  findAttempt,
  isSupervised,
  supervisedAttempts,
} from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Attempt, Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import { isFailure } from '../../../packages/reporter/src/supervisor/restart.ts'
import type { Commit } from '../reporter/process.ts'
import { type Invariant, type InvariantContext, timeOf } from './context.ts'
import { isHopeless } from './neverAbandoned.ts'
import { hasJoinedSince } from './sessionEvidence.ts'

/** The last candidate before the end of the current attempt starts no earlier than this before it, in milliseconds. */
const MAX_LAST_CANDIDATE_MS = 40_000
/** For this time after its hour limit the end of an attempt is still expected, in milliseconds. */
const MAX_END_LATENESS_MS = 61_000

/** What the invariant counts for itself, from the stored decisions. */
interface Count {
  /** When attempts failed, within the policy's window. */
  failures: number[]
  neverLoaded: number
  /** The attempts that were counted as never loaded: each counts once. */
  unloaded: Set<number>
  /** Consecutive attempts without a file, where that counts. */
  withoutFiles: number
  rollingSince: number | null
  slowRetries: number
  /** When Agora ended an attempt because the channel was empty, within the policy's window: no failures. */
  idleExits: number[]
}

const NOTHING_COUNTED = { failures: [], neverLoaded: 0, withoutFiles: 0, slowRetries: 0, idleExits: [] }

/** `promptRecovery` judges lateness; this is only to tell the delays apart, in milliseconds. */
const LATENESS_MS = 10_000

/**
 * From the limits of its policy on, and not before, a recording is retried after `slowDelays`, with attention, until it
 * rolls or is paused; with `final`, it gives up instead. Below the limits, it is retried after `delays`.
 */
export const restartLimits: Invariant = (context) => {
  const counts = new Map<string, Count>()
  return {
    onCommit: (stored) => {
      const commit = { ...stored, at: timeOf(stored) }
      const { after, signal } = commit
      const nothing = { ...NOTHING_COUNTED, unloaded: new Set<number>(), rollingSince: null }
      const count = counts.get(after.id) ?? nothing
      counts.set(after.id, count)
      if (signal.type === 'restart') Object.assign(count, { ...NOTHING_COUNTED })
      const failed = wasNotStarted(context, commit) ? [] : failuresIn(commit)
      countWithoutFiles(count, commit)
      for (const failure of failed) countFailure(count, commit, failure)
      if (endedIdle(commit)) countIdleExit(count, commit)
      updateStability(count, commit)
      const problem = problemOfJoin(count, commit) ?? problemOf(count, commit, failed.length > 0)
      if (problem === undefined) return
      const { failures, neverLoaded } = count
      context.breach(`${after.id}: ${problem} after ${failures.length} failures, ${neverLoaded} never loaded`)
    },
  }
}

/** However slow the retries are, one candidate starts before Agora ends the current attempt. */
const isLastBeforeRollOver = ({ wallAt: at, after }: Commit): boolean => {
  const current = currentAttempt(after)
  const { handOver, rollOverAhead } = after.policy
  if (!current || handOver === 'replace' || rollOverAhead === 0) return false
  const endsAt = (current.acquiredAt ?? current.createdAt) + after.maxRecordingHour * 3_600_000
  const aheadMs = endsAt - (after.deadlines.retryAt ?? at)
  return aheadMs <= MAX_LAST_CANDIDATE_MS && aheadMs >= -MAX_END_LATENESS_MS
}

/** Nothing is recorded any more, because the kept attempt has ended while the next slow retry was waited for. */
const hasLostKeptAttempt = ({ before, after }: Commit): boolean => {
  const kept = currentAttempt(before)
  const isWaiting = before.replacing !== null && before.deadlines.retryAt !== undefined
  return isWaiting && kept?.loadedAt != null && currentAttempt(after) === undefined
}

const problemOf = (count: Count, commit: Commit, isCounted: boolean): string | undefined => {
  const { before, after } = commit
  const { maxFailures, maxNeverLoaded, final } = after.policy.restart
  const isReached =
    count.failures.length > maxFailures || Math.max(count.neverLoaded, count.withoutFiles) >= maxNeverLoaded
  // Without `final`, `neverAbandoned` judges.
  if (after.gaveUp && !before.gaveUp) return isReached || !final || isHopeless(commit) ? undefined : 'gave up'
  // A candidate that runs already takes over: that needs no further start.
  const candidate = candidateAttempt(before)
  const takesOver = candidate !== undefined && isSupervised(after, candidate.number)
  if (isReached && final && isCounted && !after.gaveUp && !takesOver) return 'continues'
  if (after.gaveUp || !hasPlanned(commit)) return undefined
  // Whoever comes into the channel is not recorded before the next attempt: it never starts slowly.
  const idle = endedIdle(commit)
  if (idle) {
    if (hasJoinedSince(commit, idle) && !areExitsFrequent(count, commit)) {
      return after.deadlines.retryAt === undefined ? undefined : 'waits, although a user has come back'
    }
    const isInTime = isWithin(after.policy.restart.delays, count.idleExits.length - 1, commit)
    return isInTime ? undefined : `waits too long or too short after ${count.idleExits.length} idle exits`
  }
  if (!isReached) {
    const isInTime = isWithin(after.policy.restart.delays, count.failures.length - 1, commit)
    return isInTime || isLastBeforeRollOver(commit) ? undefined : 'waits too long or too short'
  }
  if (hasLostKeptAttempt(commit)) count.slowRetries = 0
  const isSlow = isWithin(after.policy.restart.slowDelays, count.slowRetries, commit)
  count.slowRetries += 1
  if (!after.attention.some(({ code }) => code === 'slow_retries')) return 'retries slowly without attention'
  return isSlow || isLastBeforeRollOver(commit) ? undefined : 'does not retry slowly'
}

/** Those that start an attempt by themselves: commands, and that somebody has joined an empty channel. */
const STARTING_SIGNALS: ReadonlySet<Commit['signal']['type']> = new Set([
  ...(['created', 'restart', 'resume', 'joined'] as const),
])

/** The decision was when the next attempt starts. */
const hasPlanned = ({ before, after, timeline, signal }: Commit): boolean => {
  if (after.desired === 'stopped' || STARTING_SIGNALS.has(signal.type)) return false
  if (timeline.some(({ code }) => code === 'retry.scheduled') || hasSilentPlan(before, after)) return true
  const isDue = before.deadlines.retryAt !== undefined && signal.type === 'due'
  const isPlannedRollOver = timeline.some(({ code }) => code === 'attempt.rolled_over')
  const made = after.attempts.filter(({ number }) => number > before.attemptCount)
  const isProbe = made.some(({ candidateFor }) => candidateFor !== null && !isFailure(candidateFor))
  return made.length > 0 && !isDue && !isPlannedRollOver && !isProbe
}

/** The entry about a slow retry repeats an earlier one, and is counted instead of written. */
const hasSilentPlan = (before: Recording, after: Recording): boolean =>
  after.slowRetries > 0 && after.slowRetries !== before.slowRetries

const isWithin = (delays: readonly number[], index: number, { wallAt: at, after }: Commit): boolean => {
  const { jitter } = after.policy.restart
  const delay = (delays[Math.min(index, delays.length - 1)] ?? 0) * 1000
  const actual = (after.deadlines.retryAt ?? at) - at
  return actual >= delay * (1 - jitter) - 1 && actual <= delay * (1 + jitter) + LATENESS_MS
}

/** With `onNoFiles: "restart"` an attempt without a file is one, until an attempt that counts lists a file. */
const countWithoutFiles = (count: Count, commit: Commit): void => {
  const { before, after, timeline } = commit
  const isConfirmed = timeline.some(({ code }) => code === 'attempt.no_files')
  if (isConfirmed && after.policy.onNoFiles === 'restart' && before.gaveUp === null) count.withoutFiles += 1
  if (supervisedAttempts(after).some(({ number }) => hasFirstFile(commit, number))) count.withoutFiles = 0
}

/** Agora lists a file of the attempt for the first time. */
const hasFirstFile = ({ before, after }: Commit, number: number): boolean =>
  findAttempt(before, number)?.firstFileAt === null && findAttempt(after, number)?.firstFileAt != null

/** The attempt that Agora has ended because the channel was empty. */
const endedIdle = ({ after, timeline }: Commit): Attempt | undefined => {
  const entry = timeline.find(
    ({ code, evidence }) =>
      code === 'attempt.idle_exit' || (code === 'candidate.dropped' && evidence.code === 'idle_exit'),
  )
  return entry?.attempt == null ? undefined : findAttempt(after, entry.attempt)
}

const areExitsFrequent = ({ idleExits }: Count, { at, after }: Commit): boolean => {
  const { within, maxFailures } = after.policy.restart
  return idleExits.filter((when) => at - when < within * 1000).length > maxFailures
}

/** Once idle exits are frequent, no user who joins starts an attempt sooner after the last one, in milliseconds. */
const MIN_PAUSE_MS = 10_000

/** A user who joins starts only what waits for users. */
const problemOfJoin = (count: Count, commit: Commit): string | undefined => {
  const { at, wallAt, before, after, signal } = commit
  if (signal.type !== 'joined') return undefined
  const { retryAt } = after.deadlines
  const hasMoved = before.appliedDowntimes.count !== after.appliedDowntimes.count
  const isPlanned = retryAt !== undefined && retryAt !== before.deadlines.retryAt && !hasMoved
  if (!isPlanned && after.attemptCount === before.attemptCount) return undefined
  if (before.waitingSince === null && before.reason?.code !== 'idle_exit') return 'starts for a user'
  const startsAt = (retryAt ?? wallAt) - wallAt + at
  const isTooSoon = startsAt - (count.idleExits.at(-1) ?? Number.NEGATIVE_INFINITY) < MIN_PAUSE_MS
  return areExitsFrequent(count, commit) && isTooSoon ? 'starts too soon for a user' : undefined
}

const countIdleExit = (count: Count, { at, after }: Commit): void => {
  const { within } = after.policy.restart
  count.idleExits = [...count.idleExits.filter((when) => at - when < within * 1000), at]
}

const countFailure = (count: Count, { at, after }: Commit, { attempt, loaded }: Failure): void => {
  const { within, stableAfter } = after.policy.restart
  if (count.rollingSince !== null && at - count.rollingSince >= stableAfter * 1000) count.failures = []
  count.rollingSince = null
  count.failures = [...count.failures.filter((when) => at - when < within * 1000), at]
  if (loaded || attempt === null || count.unloaded.has(attempt)) return
  count.unloaded.add(attempt)
  count.neverLoaded += 1
}

/** A recording that has rolled for `stableAfter`, or whose page has loaded, starts to count anew. */
const updateStability = (count: Count, { at, before, after, timeline }: Commit): void => {
  const isGood = after.state === 'rolling' || after.state === 'paused'
  if (isGood && after.replacing === null && count.withoutFiles < after.policy.restart.maxNeverLoaded)
    count.slowRetries = 0
  if (after.state === 'rolling') count.rollingSince ??= at
  else {
    const { stableAfter } = after.policy.restart
    if (count.rollingSince !== null && at - count.rollingSince >= stableAfter * 1000) {
      count.failures = count.failures.filter((when) => when === at)
    }
    count.rollingSince = null
  }
  const hasLoaded = after.attempts.some(({ number, page, confirmedAt }) => {
    const earlier = findAttempt(before, number)
    if (after.kind === 'channel') return confirmedAt !== null && earlier?.confirmedAt === null
    return page?.loaded && !earlier?.page?.loaded
  })
  if (hasLoaded || timeline.some(({ code }) => code === 'recording.recovered')) count.neverLoaded = 0
}

interface Failure {
  attempt: number | null
  loaded: boolean
}

/** Failures that count: soft evidence when it is found, hard evidence unless it was found before, failed candidates. */
const failuresIn = (commit: Commit): Failure[] => {
  const { before, after, timeline, signal } = commit
  if (before.gaveUp || signal.type === 'restart' || after.desired === 'stopped') return []
  const current = currentAttempt(before)
  const failureOf = (number: number | null): Failure => ({
    attempt: number,
    loaded: number !== null && (findAttempt(after, number)?.loadedAt ?? null) !== null,
  })
  const hard = timeline
    .filter(({ code }) => code === 'attempt.failed')
    .filter(({ attempt }) => attempt === current?.number)
  // Only a file disproves that there is none: what is found in the same decision is another failure of the attempt.
  const wasDisproved =
    before.replacing?.code === 'no_files' && current && hasFirstFile(commit, current.number)
  const isNew = before.replacing === null || !isFailure(before.replacing) || wasDisproved
  const dropped = timeline.filter(
    (entry) => entry.code === 'candidate.dropped' && isCountedDrop(before, entry),
  )
  const counted = [...(isNew ? hard : []), ...dropped].map(({ attempt }) => failureOf(attempt))
  if (isHopelessEnd(commit)) return []
  const { replacing } = after
  const isSoft = isNew && replacing && isFailure(replacing)
  const isLast = after.gaveUp && counted.length === 0
  if (isSoft || isLast) counted.push(failureOf(currentAttempt(after)?.number ?? null))
  return counted
}

const isHopelessEnd = (commit: Commit): boolean => commit.after.gaveUp !== null && isHopeless(commit)

/** The candidate failed. One that was no longer needed or whose channel was empty does not count, nor does a canary. */
const isCountedDrop = (
  recording: Recording,
  { attempt, evidence }: { attempt: number | null; evidence: Record<string, unknown> },
): boolean => {
  const cause = attempt === null ? undefined : findAttempt(recording, attempt)?.candidateFor
  const isExpected = evidence.code === 'candidate_dropped' || evidence.code === 'idle_exit'
  return !isExpected && cause?.code !== 'ingress_outage'
}

/** Agora did not take the start and runs nothing, for lack of quota or capacity, or because it was unreachable. */
const wasNotStarted = ({ world }: InvariantContext, { before, signal }: Commit): boolean =>
  signal.type === 'startFailed' &&
  !world.agora.tasks.some(
    ({ recordingId, attempt }) => recordingId === before.id && attempt === signal.attempt,
  )
