import { ADOPT_TIMEOUT } from './attempt.ts'
import { currentAttempt, supervisedAttempts } from './attempts.ts'
import { addTimelineEntry, type Draft, extend, formatUtc } from './draft.ts'
import { isUrgent, requestQuery } from './query.ts'
import {
  type Attempt,
  type DowntimeTotals,
  NO_DOWNTIMES,
  type Recording,
  type Repeats,
  type StopProgress,
  type Time,
} from './recording.ts'

/**
 * Applies the downtimes that have ended since the recording was last decided on; called before each signal is handled.
 *
 * While the reporter was down it received no reports, so no page is failed for silence: every deadline starts anew, at the
 * end of the downtime rather than now, however much later the recording is decided on. Agora is queried about attempts of
 * which something was unclear, about pages that then do not report in time, and about the others at their ordinary turn:
 * with thousands of recordings the quota would take minutes for a query to each.
 */
export const applyDowntimes = (draft: Draft): void => {
  const { recording, downtimes = NO_DOWNTIMES } = draft
  const missed = differenceOf(downtimes, recording.appliedDowntimes)
  if (missed.count <= 0) return
  recording.appliedDowntimes = totalsOf(downtimes)
  shiftTimestamps(recording, missed.clockStepBackMs)
  for (const { stop } of recording.attempts) if (stop) resetStop(stop)
  const current = currentAttempt(recording)
  if (!current) return
  const atItsEnd = { ...draft, now: downtimes.endedAt }
  for (const attempt of supervisedAttempts(recording)) resetAttempt(atItsEnd, attempt)
  const downtimeSeconds = missed.downtimeMs / 1000
  const clockStepBackSeconds = missed.clockStepBackMs / 1000
  const at = formatUtc(downtimes.endedAt)
  const cause =
    clockStepBackSeconds > 0
      ? `The reporter's clock stepped back by ${clockStepBackSeconds.toFixed(1)} s at ${at}`
      : `The reporter was down for ${downtimeSeconds.toFixed(1)} s until ${at}`
  const evidence = { downtimeSeconds, clockStepBackSeconds, endedAt: downtimes.endedAt }
  addTimelineEntry(draft, 'reporter.returned', current, `${cause}: all deadlines start anew`, evidence)
}

export const totalsOf = ({ count, downtimeMs, clockStepBackMs }: DowntimeTotals): DowntimeTotals => ({
  count,
  downtimeMs,
  clockStepBackMs,
})

const differenceOf = (all: DowntimeTotals, applied: DowntimeTotals): DowntimeTotals => ({
  count: all.count - applied.count,
  downtimeMs: all.downtimeMs - applied.downtimeMs,
  clockStepBackMs: all.clockStepBackMs - applied.clockStepBackMs,
})

/** 404s from before the downtime and the next one are not consecutive, and a clock that stepped forward is no failover window. */
const resetStop = (stop: StopProgress): void => {
  stop.notFound = 0
  stop.notFoundSince = null
}

/** `draft.now` is the end of the downtime. */
const resetAttempt = (draft: Draft, attempt: Attempt): void => {
  const { policy, desired } = draft.recording
  if (attempt.deadlines.confirmBy !== undefined) {
    extend(draft, attempt, 'confirmBy', attempt.sid === null ? ADOPT_TIMEOUT : policy.confirmTimeout)
  }
  if (attempt.deadlines.fileBy !== undefined) extend(draft, attempt, 'fileBy', policy.fileTimeout)
  const wasUrgent = isUrgent(attempt)
  draft.rules.startAnew(draft, attempt)
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
  deadlines.queryAt = now + Math.round(random * recording.policy.queryInterval * 1000)
}

/**
 * Moves every stored time back with the clock. Otherwise a clock that steps back by an hour would mean an hour in which
 * no failure is noticed.
 */
const shiftTimestamps = (recording: Recording, byMs: number): void => {
  if (byMs === 0) return
  const back = (at: Time): Time => at - byMs
  recording.failures = recording.failures.map(back)
  recording.idleExits = recording.idleExits.map(back)
  recording.waitingSince = recording.waitingSince && back(recording.waitingSince)
  recording.joinedAt = recording.joinedAt && back(recording.joinedAt)
  recording.repeats = shiftRepeats(recording.repeats, back)
  recording.pauses = recording.pauses.map(({ from, to }) => ({ from: back(from), to: to && back(to) }))
  recording.attention = recording.attention.map((each) => ({ ...each, since: back(each.since) }))
  recording.rollingSince = recording.rollingSince && back(recording.rollingSince)
  recording.gaveUpAt = recording.gaveUpAt && back(recording.gaveUpAt)
  for (const attempt of recording.attempts) {
    if (attempt.state === 'ended') continue
    shiftAttempt(attempt, back)
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

/** The times of an attempt that has not ended. */
const ATTEMPT_TIMES = [
  'acquiredAt',
  'startedAt',
  'confirmedAt',
  'helloAt',
  'loadedAt',
  'lastBeatAt',
  'recordsAt',
  'haAt',
  'tokenExpiresAt',
  'wellUntil',
  'mayRunUntil',
  'tokenRefusedAt',
  'graceUntil',
  'failoverAt',
  'firstFileAt',
] as const

const shiftAttempt = (attempt: Attempt, back: (at: Time) => Time): void => {
  const { page, query, stop, update } = attempt
  const backIfSet = (at: Time | null): Time | null => (at === null ? null : back(at))
  attempt.createdAt = back(attempt.createdAt)
  attempt.followedPages = attempt.followedPages.map((each) => ({
    ...each,
    openedAt: backIfSet(each.openedAt),
    lastBeatAt: back(each.lastBeatAt),
  }))
  const { sessionEnd } = attempt
  if (sessionEnd) attempt.sessionEnd = { ...sessionEnd, at: back(sessionEnd.at) }
  for (const name of ATTEMPT_TIMES) attempt[name] = backIfSet(attempt[name])
  if (page) {
    page.openedAt = backIfSet(page.openedAt)
    page.failingSince = backIfSet(page.failingSince)
  }
  query.notFoundSince = backIfSet(query.notFoundSince)
  query.exitedSince = backIfSet(query.exitedSince)
  query.unsettledSince = backIfSet(query.unsettledSince)
  if (stop) {
    stop.notFoundSince = backIfSet(stop.notFoundSince)
    stop.nextAt = backIfSet(stop.nextAt)
  }
  if (update) update.nextAt = backIfSet(update.nextAt)
}
