import { ADOPT_TIMEOUT } from './attempt.ts'
import { addTimelineEntry, type Draft, extend, requestQuery } from './draft.ts'
import { type Attempt, type DeadlineName, liveAttempt, type Recording, type Time } from './recording.ts'
import type { Signal } from './signal.ts'
import { grantGrace } from './silence.ts'

/**
 * While the reporter was away nobody could be heard, so nobody is blamed for silence: every deadline gets its
 * whole time again, and Agora is asked what still runs.
 */
export const resetAfterDowntime = (
  draft: Draft,
  { downtimeSeconds, clockStepBackSeconds = 0 }: Extract<Signal, { type: 'resumedAfterDowntime' }>,
): void => {
  const { recording } = draft
  const { policy } = recording
  shiftTimestamps(recording, clockStepBackSeconds * 1000)
  const attempt = liveAttempt(recording)
  if (!attempt) return
  if (recording.deadlines.confirmBy !== undefined) {
    extend(draft, 'confirmBy', attempt.sid === null ? ADOPT_TIMEOUT : policy.confirmTimeout)
  }
  grantGrace(draft, attempt, {
    loadBy: policy.loadTimeout,
    beatBy: policy.heartbeatTimeout,
    healthyBy: policy.unhealthyTimeout,
  })
  // Answers from before do not add up to a row of 404s with the one that comes now.
  attempt.query.notFound = 0
  attempt.query.notFoundSince = null
  const what =
    clockStepBackSeconds > 0
      ? `The reporter's clock went back by ${clockStepBackSeconds.toFixed(1)} s`
      : `The reporter was away for ${downtimeSeconds.toFixed(1)} s`
  addTimelineEntry(draft, 'reporter.returned', attempt, `${what}: deadlines begin afresh`, {
    downtimeSeconds,
    clockStepBackSeconds,
  })
  if (recording.desired === 'running') requestQuery(draft, attempt)
}

/**
 * All that has happened, and all that is waited for, by the clock as it is now. Otherwise an hour back would mean an
 * hour in which no failure is noticed.
 */
const shiftTimestamps = (recording: Recording, byMs: number): void => {
  if (byMs === 0) return
  const back = (at: Time): Time => at - byMs
  recording.failures = recording.failures.map(back)
  recording.rollingSince = recording.rollingSince && back(recording.rollingSince)
  for (const attempt of recording.attempts) {
    if (attempt.state !== 'ended') shiftAttempt(attempt, (at) => at && back(at))
  }
  for (const [name, at] of Object.entries(recording.deadlines)) {
    recording.deadlines[name as DeadlineName] = back(at)
  }
}

const shiftAttempt = (attempt: Attempt, back: (at: Time | null) => Time | null): void => {
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
