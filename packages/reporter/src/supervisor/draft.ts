import type { Attempt, DeadlineName, Evidence, Recording, Time } from './recording.ts'
import type { Effect } from './signal.ts'
import type { TimelineCode, TimelineEntry } from './timeline.ts'

/** When and under which conditions a decision is made. Passed in, so that `decide` stays pure. */
export interface Moment {
  now: Time
  /** A random number in [0, 1). */
  random: number
  /** An ingress outage: most pages fell silent together, so silence alone restarts nothing. */
  ingressSuspect?: boolean
}

/** A decision in progress: a copy of the recording to change, and what follows from the changes. */
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
 * A copy that a decision may change. Written by hand because `structuredClone` of a recording takes 50 µs, and a
 * heartbeat must cost a few. Anything nested deeper (lists, reasons, evidence) is replaced as a whole, never changed.
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

/** Sets a deadline `seconds` from now. */
export const arm = (draft: Draft, name: DeadlineName, seconds: number): void => {
  draft.recording.deadlines[name] = draft.now + Math.round(seconds * 1000)
}

/** Like `arm`, but never moves a deadline to an earlier time. */
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

/** For a person: `2027-01-15 08:00:07 UTC`. */
export const formatUtc = (at: Time): string =>
  `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`

/** Rounded to tenths; 0 if `from` is null. */
export const secondsBetween = (from: Time | null, to: Time): number =>
  from === null ? 0 : Math.round((to - from) / 100) / 10
