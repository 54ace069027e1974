import { currentAttempt, findAttempt } from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Attempt, Reason, Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import { isFailure } from '../../../packages/reporter/src/supervisor/restart.ts'
import type { Page } from '../environment/page.ts'
import type { Task } from '../environment/task.ts'
import type { Observer } from '../observer.ts'
import type { Commit } from '../reporter/process.ts'
import {
  type Invariant,
  type InvariantContext,
  isHealthyAndReporting,
  isRecordingChannel,
  runningTask,
  trackConfirmations,
} from './context.ts'
import { isLastStop, trackSessionEnds } from './sessionEvidence.ts'

/**
 * An attempt whose page is healthy and reporting is never given up, nor is another one started to replace it. Exceptions
 * are a stop or restart command, the end of its time (`onSchedule` judges it), a planned roll-over, a task without files if the policy says so, a stranger's document that
 * counts because it is the newest, and a task that Agora has denied for as long as the longest failover: two failovers in a
 * row look like that.
 *
 * The same holds for a task that records a channel, while Agora says so to whoever asks. None is given up for 404s before
 * Agora's back-off of 5, 10 and 15 s is over.
 */
export const healthyKept: Invariant = (context) => {
  /** Attempts with something held against them because of a stranger's document. */
  const blamed = new Set<string>()
  const { world, breach } = context
  const confirmations = trackConfirmations()
  const sessionEnds = trackSessionEnds()
  const denials = trackDenials(context)

  const problemOfPage = ({ at, before, after }: Commit, attempt: Attempt, task: Task): string | undefined => {
    const key = `${before.id} ${attempt.number}`
    const isKept = currentAttempt(after)?.number === attempt.number
    const page = world.pages.of(task)
    if (!page || !isHealthyAndReporting(context, page, before.policy)) return undefined
    if (!isKept && before.replacing && !hasReportedWithin(page, at, before)) return undefined
    // The newest document counts, and the reporter cannot know that Agora does not record it.
    if (world.strangers.has(attempt.page?.id)) blamed.add(key)
    if (blamed.has(key)) return undefined
    const why = causeOf(after, attempt)
    if (why?.code === 'time_over') return undefined
    if (why?.code === 'max_recording_hour' && currentAttempt(after)?.page?.loaded) return undefined
    const isDenied = denials.lastedMs(attempt.sid) >= before.policy.failoverWindow * 1000
    if (why?.code === 'lost_at_agora' && isDenied) return undefined
    if (why?.code === 'no_files' && before.policy.onNoFiles === 'restart') return undefined
    return `attempt ${attempt.number} is healthy and reporting, and was given up: ${why?.message}`
  }
  const problemOfChannel = (commit: Commit, attempt: Attempt, task: Task): string | undefined => {
    if (!isRecordingChannel(context, task) || !confirmations.has(task.sid)) return undefined
    if (sessionEnds.explains(commit, attempt) || isLastStop(commit, attempt)) return undefined
    const why = causeOf(commit.after, attempt)
    if (why?.code === 'time_over') return undefined
    if (isGroundForAnother(why, attempt, commit.after) && !isTooEarly(context, why, task)) return undefined
    return `attempt ${attempt.number} records, and was given up: ${why?.message}`
  }
  return {
    onAnswer: (...answered) => {
      confirmations.onAnswer(...answered)
      sessionEnds.onAnswer(...answered)
      denials.onAnswer(...answered)
    },
    onCommit: (commit) => {
      const { before, after, signal } = commit
      sessionEnds.onCommit(commit)
      const attempt = currentAttempt(before)
      if (!attempt || attempt.sid === null || signal.type === 'stop' || signal.type === 'restart') return
      if (!isReplaced(before)) blamed.delete(`${before.id} ${attempt.number}`)
      const isKept = currentAttempt(after)?.number === attempt.number
      if (isKept && (isReplaced(before) || !isReplaced(after))) return
      if (before.kind === 'channel' && denials.areTooFew(commit, attempt)) {
        breach(`${before.id}: attempt ${attempt.number} was given up for too few 404s`)
      }
      const task = runningTask(context, before.id, attempt.number)
      if (task?.sid !== attempt.sid) return
      const problem = (before.kind === 'channel' ? problemOfChannel : problemOfPage)(commit, attempt, task)
      if (problem) breach(`${before.id}: ${problem}`)
    },
  }
}

/** Why the attempt was given up, or is to be replaced. */
const causeOf = (recording: Recording, { number }: Attempt): Reason | null =>
  findAttempt(recording, number)?.endReason ?? recording.replacing

/** Agora's back-off: the first 404, and those after 5, 10 and 15 s. The reporter rounds to tenths of a second. */
const MIN_DENIALS = 4
const MIN_DENIED_MS = 29_950

/** The sids that Agora does not find: its last clear answers to queries were 404. */
const trackDenials = ({ world: { time } }: InvariantContext) => {
  const denied = new Map<string, { since: number; count: number }>()
  const of = (sid: string | null) => denied.get(sid ?? '') ?? { since: Number.POSITIVE_INFINITY, count: 0 }
  return {
    lastedMs: (sid: string | null): number => time.now() - of(sid).since,
    onAnswer: ((call, { sid = '' }, { status }) => {
      if (call !== 'query') return
      if (status === 200) denied.delete(sid)
      if (status !== 404) return
      const { since, count } = denied.get(sid) ?? { since: time.now(), count: 0 }
      denied.set(sid, { since, count: count + 1 })
    }) satisfies Observer['onAnswer'],
    /** A 404 has ended the attempt, and there were not enough of them, or not for long enough. */
    areTooFew: ({ after, signal }: Commit, attempt: Attempt): boolean => {
      const isDenial = signal.type === 'queried' && signal.answer.kind === 'notFound'
      if (!isDenial || signal.attempt !== attempt.number || attempt.confirmedAt === null) return false
      if (causeOf(after, attempt)?.code !== 'lost_at_agora') return false
      const { since, count } = of(attempt.sid)
      // The reporter takes a step of its clock forward for time that has passed.
      const lastedMs = time.now() - since + time.steppedForwardSince(since)
      return count < MIN_DENIALS || lastedMs < MIN_DENIED_MS
    },
  }
}

/** From the sid to the moment at which event 13 is missed, in milliseconds. */
const HA_TIMEOUT_MS = 10_000

/** Event 13 may still arrive in time. The reporter takes a step of its clock forward for time that has passed. */
const isTooEarly = ({ world }: InvariantContext, why: Reason | null, { startedAt }: Task): boolean =>
  why?.code === 'not_highly_available' &&
  world.time.now() - startedAt + world.time.steppedForwardSince(startedAt) < HA_TIMEOUT_MS

/** What asks for another attempt although the current one records. */
const isGroundForAnother = (why: Reason | null, { haAt }: Attempt, recording: Recording): boolean => {
  const { policy } = recording
  if (why?.code === 'not_highly_available') return policy.requireHa && haAt === null
  if (why?.code === 'no_files') return policy.onNoFiles === 'restart'
  const isPlanned = why?.code === 'resource_expired_hour'
  return isPlanned && (policy.handOver === 'replace' || currentAttempt(recording)?.confirmedAt != null)
}

/** Something is held against the current attempt. */
const isReplaced = ({ replacing }: Recording): boolean => replacing !== null && isFailure(replacing)

/** A page that was silent before a downtime need not be waited for once the candidate has loaded. */
const hasReportedWithin = ({ lastStored }: Page, at: number, { policy }: Recording): boolean =>
  lastStored !== null && at - lastStored.at < policy.heartbeatTimeout * 1000
