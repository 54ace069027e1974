import { ADOPT_TIMEOUT } from './attempt.ts'
import { ask, type Draft, defer, tell } from './draft.ts'
import { type Attempt, type DeadlineName, liveAttempt, type Recording, type Time } from './recording.ts'
import type { Signal } from './signal.ts'
import { bearWith } from './silence.ts'

/**
 * While the reporter was away nobody could be heard, so nobody is blamed for silence: every deadline gets its
 * whole time again, and Agora is asked what still runs.
 */
export const forgiveAbsence = (
  draft: Draft,
  { awaySeconds, backSeconds = 0 }: Extract<Signal, { type: 'returned' }>,
): void => {
  const { recording } = draft
  const { policy } = recording
  turnBack(recording, backSeconds * 1000)
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
  const what =
    backSeconds > 0
      ? `The reporter's clock went back by ${backSeconds.toFixed(1)} s`
      : `The reporter was away for ${awaySeconds.toFixed(1)} s`
  tell(draft, 'reporter.returned', attempt, `${what}: deadlines begin afresh`, { awaySeconds, backSeconds })
  if (recording.desired === 'running') ask(draft, attempt)
}

/**
 * All that has happened, and all that is waited for, by the clock as it is now. Otherwise an hour back would mean an
 * hour in which no failure is noticed.
 */
const turnBack = (recording: Recording, byMs: number): void => {
  if (byMs === 0) return
  const back = (at: Time): Time => at - byMs
  recording.failures = recording.failures.map(back)
  recording.rollingSince = recording.rollingSince && back(recording.rollingSince)
  for (const attempt of recording.attempts) {
    if (attempt.state !== 'ended') turnBackAttempt(attempt, (at) => at && back(at))
  }
  for (const [name, at] of Object.entries(recording.deadlines)) {
    recording.deadlines[name as DeadlineName] = back(at)
  }
}

const turnBackAttempt = (attempt: Attempt, back: (at: Time | null) => Time | null): void => {
  const { page, query, stop, update } = attempt
  attempt.acquiredAt = back(attempt.acquiredAt)
  attempt.startedAt = back(attempt.startedAt)
  attempt.lastBeatAt = back(attempt.lastBeatAt)
  attempt.failoverAt = back(attempt.failoverAt)
  attempt.loadedAt = back(attempt.loadedAt)
  attempt.wellUntil = back(attempt.wellUntil)
  if (page) page.failingSince = back(page.failingSince)
  query.notFoundSince = back(query.notFoundSince)
  query.exitedSince = back(query.exitedSince)
  if (stop) {
    stop.notFoundSince = back(stop.notFoundSince)
    stop.nextAt = back(stop.nextAt)
  }
  if (update) update.nextAt = back(update.nextAt)
}
