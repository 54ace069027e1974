import { ADOPT_TIMEOUT } from './attempt.ts'
import { currentAttempt, supervisedAttempts } from './attempts.ts'
import { addTimelineEntry, type Draft, extend } from './draft.ts'
import { isUrgent, requestQuery } from './query.ts'
import type { Attempt, Recording, Repeats, Time } from './recording.ts'
import type { Signal } from './signal.ts'
import { clearSuspicion, grantGrace } from './silence.ts'

/**
 * While the reporter was down it received no reports, so no page is failed for silence: every deadline starts anew. Agora
 * is queried about attempts of which something was unclear, about pages that then do not report in time, and about the
 * others at their ordinary turn: with thousands of recordings the quota would take minutes for a query to each.
 */
export const resetAfterDowntime = (
  draft: Draft,
  { downtimeSeconds, clockStepBackSeconds = 0 }: Extract<Signal, { type: 'resumedAfterDowntime' }>,
): void => {
  const { recording } = draft
  shiftTimestamps(recording, clockStepBackSeconds * 1000)
  const current = currentAttempt(recording)
  if (!current) return
  for (const attempt of supervisedAttempts(recording)) resetAttempt(draft, attempt)
  const cause =
    clockStepBackSeconds > 0
      ? `The reporter's clock stepped back by ${clockStepBackSeconds.toFixed(1)} s`
      : `The reporter was down for ${downtimeSeconds.toFixed(1)} s`
  const evidence = { downtimeSeconds, clockStepBackSeconds }
  addTimelineEntry(draft, 'reporter.returned', current, `${cause}: all deadlines start anew`, evidence)
}

const resetAttempt = (draft: Draft, attempt: Attempt): void => {
  const { policy, desired } = draft.recording
  if (attempt.deadlines.confirmBy !== undefined) {
    extend(draft, attempt, 'confirmBy', attempt.sid === null ? ADOPT_TIMEOUT : policy.confirmTimeout)
  }
  if (attempt.deadlines.fileBy !== undefined) extend(draft, attempt, 'fileBy', policy.fileTimeout)
  grantGrace(draft, attempt, {
    loadBy: policy.loadTimeout,
    beatBy: policy.heartbeatTimeout,
    healthyBy: policy.unhealthyTimeout,
  })
  const wasUrgent = isUrgent(attempt)
  clearSuspicion(draft, attempt)
  // Answers from before the downtime and the next one are not consecutive.
  attempt.query.notFound = 0
  attempt.query.notFoundSince = null
  attempt.query.unsettledSince = null
  if (desired !== 'running') return
  if (wasUrgent) requestQuery(draft, attempt)
  else spreadQuery(draft, attempt)
}

/** A query whose turn came during the downtime comes at a random moment within `queryInterval`. */
const spreadQuery = ({ now, random, recording }: Draft, { query, deadlines, sid }: Attempt): void => {
  if (sid === null || query.asking !== null) return
  if (deadlines.queryAt !== undefined && deadlines.queryAt > now) return
  deadlines.queryAt = now + random * recording.policy.queryInterval * 1000
}

/**
 * Moves every stored time back with the clock. Otherwise a clock that steps back by an hour would mean an hour in which
 * no failure is noticed.
 */
const shiftTimestamps = (recording: Recording, byMs: number): void => {
  if (byMs === 0) return
  const back = (at: Time): Time => at - byMs
  recording.failures = recording.failures.map(back)
  recording.repeats = shiftRepeats(recording.repeats, back)
  recording.pauses = recording.pauses.map(({ from, to }) => ({ from: back(from), to: to && back(to) }))
  recording.rollingSince = recording.rollingSince && back(recording.rollingSince)
  recording.gaveUpAt = recording.gaveUpAt && back(recording.gaveUpAt)
  for (const attempt of recording.attempts) {
    if (attempt.state === 'ended') continue
    shiftAttempt(attempt, (at) => at && back(at))
    attempt.deadlines = shiftDeadlines(attempt.deadlines, back)
    attempt.repeats = shiftRepeats(attempt.repeats, back)
  }
  recording.deadlines = shiftDeadlines(recording.deadlines, back)
}

const shiftRepeats = (repeats: Repeats, back: (at: Time) => Time): Repeats =>
  Object.fromEntries(
    Object.entries(repeats).map(([group, window]) => [
      group,
      { ...window, from: back(window.from), to: back(window.to) },
    ]),
  )

const shiftDeadlines = <T extends Partial<Record<string, Time>>>(deadlines: T, back: (at: Time) => Time): T =>
  Object.fromEntries(Object.entries(deadlines).map(([name, at]) => [name, at && back(at)])) as T

const shiftAttempt = (attempt: Attempt, back: (at: Time | null) => Time | null): void => {
  const { page, query, stop, update } = attempt
  attempt.acquiredAt = back(attempt.acquiredAt)
  attempt.startedAt = back(attempt.startedAt)
  attempt.lastBeatAt = back(attempt.lastBeatAt)
  attempt.failoverAt = back(attempt.failoverAt)
  attempt.followedPages = attempt.followedPages.map((each) => ({
    ...each,
    openedAt: back(each.openedAt),
    lastBeatAt: back(each.lastBeatAt) ?? 0,
  }))
  attempt.helloAt = back(attempt.helloAt)
  attempt.loadedAt = back(attempt.loadedAt)
  attempt.wellUntil = back(attempt.wellUntil)
  attempt.graceUntil = back(attempt.graceUntil)
  attempt.firstFileAt = back(attempt.firstFileAt)
  if (page) {
    page.openedAt = back(page.openedAt)
    page.failingSince = back(page.failingSince)
  }
  query.notFoundSince = back(query.notFoundSince)
  query.exitedSince = back(query.exitedSince)
  query.unsettledSince = back(query.unsettledSince)
  if (stop) {
    stop.notFoundSince = back(stop.notFoundSince)
    stop.nextAt = back(stop.nextAt)
  }
  if (update) update.nextAt = back(update.nextAt)
}
