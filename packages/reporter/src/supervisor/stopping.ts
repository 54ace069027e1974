import { endAttempt, reason, supersede } from './attempt.ts'
import { addTimelineEntry, type Draft, disarm, secondsBetween } from './draft.ts'
import { NOT_FOUND_WAITS } from './evidence.ts'
import { type Attempt, isPostponed, liveAttempt, type StopProgress } from './recording.ts'
import type { Signal } from './signal.ts'

/** Waits between stops that got no clear answer; the last one repeats until Agora confirms the end. */
const STOP_WAITS = [5, 10, 15, 30, 60]

/** Stop wins over everything. An attempt whose sid is still to come is stopped as soon as it is known. */
export const stop = (draft: Draft): void => {
  const { recording } = draft
  if (recording.desired === 'stopped') return
  recording.desired = 'stopped'
  recording.reason = reason('stopped', 'A stop was asked for')
  addTimelineEntry(draft, 'recording.stop_requested', null, 'A stop was asked for')
  const attempt = liveAttempt(recording)
  if (attempt && isPostponed(recording)) endAttempt(draft, attempt, recording.reason)
  disarm(draft, 'retryAt', 'loadBy', 'beatBy', 'healthyBy', 'queryAt')
  if (!attempt || attempt.sid === null) return
  supersede(draft, attempt, recording.reason)
}

/** Agora's answer to a stop: the end, or a stop to be sent again. */
export const handleStopAnswer = (
  draft: Draft,
  attempt: Attempt,
  signal: Extract<Signal, { type: 'stopAnswered' }>,
): void => {
  const progress = attempt.stop
  if (!progress || attempt.state === 'ended') return
  const gone = signal.outcome === 'notFound' && isConfirmedGone(draft, progress)
  if (signal.outcome === 'stopped' || gone) {
    const how = gone
      ? `Agora no longer knows it, asked ${progress.notFound} times in ${secondsBetween(progress.notFoundSince, draft.now)} s`
      : 'Agora confirms the stop'
    addTimelineEntry(draft, 'attempt.ended', attempt, how, signal.evidence)
    endAttempt(draft, attempt, reason('stopped', how))
    return
  }
  const tries = signal.outcome === 'notFound' ? progress.notFound : ++progress.unknown
  const waits = signal.outcome === 'notFound' ? NOT_FOUND_WAITS : STOP_WAITS
  const wait = waits[Math.min(tries, waits.length) - 1] ?? 0
  progress.nextAt = draft.now + wait * 1000
  if (tries === 1) {
    addTimelineEntry(
      draft,
      'attempt.stop_unconfirmed',
      attempt,
      `Agora has not confirmed the stop: again in ${wait} s`,
      signal.evidence,
    )
  }
}

/** One more 404. It may be a failover, in which nothing is stopped: a task that comes back from it would run on. */
const isConfirmedGone = (draft: Draft, progress: StopProgress): boolean => {
  progress.notFound += 1
  progress.notFoundSince ??= draft.now
  const since = secondsBetween(progress.notFoundSince, draft.now)
  return progress.notFound > NOT_FOUND_WAITS.length && since >= draft.recording.policy.failoverWindow
}

/** Sends every stop again that got no clear answer, and has waited long enough. */
export const resendStops = ({ recording, effects, now }: Draft): void => {
  for (const { number, stop } of recording.attempts) {
    if (!stop || stop.nextAt === null || stop.nextAt > now) continue
    stop.nextAt = null
    effects.push({ kind: 'stop', attempt: number })
  }
}
