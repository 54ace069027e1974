import { endAttempt } from './attempt.ts'
import { supervisedAttempts } from './attempts.ts'
import { retireStarted } from './candidate.ts'
import { addTimelineEntry, type Draft, disarm, disarmRecording, secondsBetween } from './draft.ts'
import { type Attempt, type Reason, reason, type StopProgress } from './recording.ts'
import { retireAttempt, type TaskStatus } from './restart.ts'
import type { Signal } from './signal.ts'
import type { TimelineCode } from './timeline.ts'
import { NOT_FOUND_WAITS, waitAt } from './waits.ts'

/** Seconds between stops without a clear answer; the last one repeats until Agora confirms the end. */
const STOP_WAITS = [5, 10, 15, 30, 60]

const REQUESTED: StopCause = {
  why: reason('stopped', 'Stop requested'),
  code: 'recording.stop_requested',
}

/** Why a recording is stopped, and the timeline entry that says so. */
interface StopCause {
  why: Reason
  code: TimelineCode
}

/** A stop overrides everything. An attempt whose sid is unknown is stopped as soon as the sid arrives. */
export const stop = (draft: Draft, { why, code }: StopCause = REQUESTED): void => {
  const { recording } = draft
  if (recording.desired === 'stopped') return
  const supervised = supervisedAttempts(recording)
  desireStop(draft, why)
  addTimelineEntry(draft, code, null, why.message, why.evidence)
  for (const attempt of supervised) {
    // An attempt that is being started is stopped as soon as its sid is known.
    if (attempt.sid !== null || attempt.postponed) {
      retireStarted(draft, attempt, why)
      continue
    }
    attempt.state = 'starting'
    disarm(attempt, 'loadBy', 'beatBy', 'healthyBy', 'queryAt')
  }
}

/** From now on no attempt is made: neither a restart nor a roll-over is due any more. */
export const desireStop = (draft: Draft, why: Reason): void => {
  const { recording } = draft
  recording.desired = 'stopped'
  recording.reason = why
  recording.replacing = null
  recording.waitingSince = null
  recording.awaitsStart = false
  disarmRecording(draft, 'retryAt', 'rollOverAt')
}

/**
 * The recording ends with the attempt's task: somebody has ended that on purpose, through the reporter or not, which is
 * respected, or the policy says so.
 */
export const stopWithAttempt = (
  draft: Draft,
  attempt: Attempt,
  { why, taskStatus = 'ended' }: { why: Reason; taskStatus?: TaskStatus },
): void => {
  desireStop(draft, why)
  const entry = why.code === 'idle_exit' ? 'attempt.idle_exit' : 'attempt.ended'
  addTimelineEntry(draft, entry, attempt, why.message, why.evidence)
  retireAttempt(draft, attempt, why, taskStatus)
  for (const other of supervisedAttempts(draft.recording)) retireStarted(draft, other, why)
}

/** Agora's answer to a stop: the attempt has ended, or the stop is retried. */
export const handleStopAnswer = (
  draft: Draft,
  attempt: Attempt,
  signal: Extract<Signal, { type: 'stopAnswered' }>,
): void => {
  const progress = attempt.stop
  if (!progress || attempt.state === 'ended') return
  const isLost = signal.outcome === 'notFound' && isConfirmedLost(draft, progress)
  if (signal.outcome === 'stopped' || isLost) {
    const how = isLost
      ? `Agora no longer finds it: ${progress.notFound} stops in ${secondsBetween(progress.notFoundSince, draft.now)} s were answered 404`
      : 'Agora confirms the stop'
    addTimelineEntry(draft, 'attempt.ended', attempt, how, signal.evidence)
    endAttempt(draft, attempt, reason('stopped', how))
    return
  }
  const tries = signal.outcome === 'notFound' ? progress.notFound : ++progress.unknown
  const waits = signal.outcome === 'notFound' ? NOT_FOUND_WAITS : STOP_WAITS
  const wait = waitAt(waits, tries - 1)
  progress.nextAt = draft.now + wait * 1000
  if (tries === 1) {
    const message = `Agora has not confirmed the stop: retry in ${wait} s`
    addTimelineEntry(draft, 'attempt.stop_unconfirmed', attempt, message, signal.evidence)
  }
}

/** Counts one more 404. During a failover a stop has no effect, and the task would return from it and keep running. */
const isConfirmedLost = (draft: Draft, progress: StopProgress): boolean => {
  progress.notFound += 1
  progress.notFoundSince ??= draft.now
  const since = secondsBetween(progress.notFoundSince, draft.now)
  return progress.notFound > NOT_FOUND_WAITS.length && since >= draft.recording.policy.failoverWindow
}

/** Retries every unconfirmed stop whose wait is over. */
export const resendStops = ({ recording, effects, now }: Draft): void => {
  for (const { number, stop } of recording.attempts) {
    if (!stop || stop.nextAt === null || stop.nextAt > now) continue
    stop.nextAt = null
    effects.push({ kind: 'stop', attempt: number })
  }
}
