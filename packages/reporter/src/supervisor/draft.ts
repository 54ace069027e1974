import type { Attempt, DeadlineName, Evidence, Recording, Time } from './recording.ts'
import type { Effect } from './signal.ts'
import type { TimelineCode, TimelineEntry } from './timeline.ts'

/** The moment of a decision. `dice` is a random number in [0, 1), given from outside so that `decide` is pure. */
export interface Moment {
  now: Time
  random: number
  /** Most pages fell silent together, so our own way in is doubted: silence alone restarts nothing. */
  ingressSuspect?: boolean
}

/** A decision in the making: a copy of the recording to change, and what follows from the change. */
export interface Draft extends Moment {
  recording: Recording
  effects: Effect[]
  timeline: TimelineEntry[]
}

export const openDraft = (recording: Recording, moment: Moment): Draft => ({
  ...moment,
  recording: copyOf(recording),
  effects: [],
  timeline: [],
})

/**
 * A copy that a decision may change: by hand, because a heartbeat must cost microseconds and a structured clone of a
 * recording costs fifty. What is deeper than this (lists, reasons, evidence) is replaced as a whole, never changed.
 */
const copyOf = (recording: Recording): Recording => ({
  ...recording,
  attempts: recording.attempts.map(copyOfAttempt),
  deadlines: { ...recording.deadlines },
})

const copyOfAttempt = (attempt: Attempt): Attempt => ({
  ...attempt,
  page: attempt.page && { ...attempt.page },
  query: { ...attempt.query },
  stop: attempt.stop && { ...attempt.stop },
  update: attempt.update && { ...attempt.update },
})

export const addTimelineEntry = (
  draft: Draft,
  code: TimelineCode,
  attempt: Attempt | null,
  message: string,
  evidence: Evidence = {},
): void => {
  draft.timeline.push({ code, attempt: attempt?.number ?? null, message, evidence })
}

/** Sets a deadline so many seconds from now. */
export const arm = (draft: Draft, name: DeadlineName, seconds: number): void => {
  draft.recording.deadlines[name] = draft.now + Math.round(seconds * 1000)
}

/** Like `arm`, but never to an earlier time: whatever allowed the later one still holds. */
export const extend = (draft: Draft, name: DeadlineName, seconds: number): void => {
  const by = draft.recording.deadlines[name] ?? 0
  draft.recording.deadlines[name] = Math.max(by, draft.now + Math.round(seconds * 1000))
}

export const disarm = (draft: Draft, ...names: DeadlineName[]): void => {
  for (const name of names) delete draft.recording.deadlines[name]
}

export const hasPassed = (draft: Draft, name: DeadlineName): boolean => {
  const at = draft.recording.deadlines[name]
  return at !== undefined && at <= draft.now
}

/**
 * Asks Agora now, unless the question is on its way already. One that something depends on does not wait in the queue of
 * those that are asked in turn: with thousands of recordings and a small quota that takes minutes.
 */
export const requestQuery = (draft: Draft, attempt: Attempt, urgent: boolean = isUrgent(attempt)): void => {
  disarm(draft, 'queryAt')
  const { query, number } = attempt
  const kind = urgent ? 'query' : 'routineQuery'
  if (attempt.sid === null || query.asking === 'query' || query.asking === kind) return
  query.asking = kind
  draft.effects.push({ kind, attempt: number })
}

/** An answer that says nothing is no doubt: in an outage of Agora every recording has one. */
const isUrgent = ({ confirmedAt, suspicion, query }: Attempt): boolean =>
  confirmedAt === null || suspicion !== null || query.notFoundSince !== null || query.exitedSince !== null

/** Asks Agora within so many seconds, unless a question is on its way already. */
export const requestQueryWithin = (draft: Draft, attempt: Attempt, seconds: number): void => {
  if (attempt.query.asking !== null) return
  const { queryAt = Number.POSITIVE_INFINITY } = draft.recording.deadlines
  draft.recording.deadlines.queryAt = Math.min(queryAt, draft.now + seconds * 1000)
}

/** For a person: `2027-01-15 08:00:07 UTC`. */
export const formatUtc = (at: Time): string =>
  `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`

export const secondsBetween = (from: Time | null, to: Time): number =>
  from === null ? 0 : Math.round((to - from) / 100) / 10
