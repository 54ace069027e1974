import type { KindRules } from './kind.ts'
import type {
  Attempt,
  AttemptDeadlineName,
  Downtimes,
  Evidence,
  Recording,
  RecordingDeadlineName,
  Time,
} from './recording.ts'
import type { Effect } from './signal.ts'
import type { TimelineCode, TimelineEntry } from './timeline.ts'

/** When and under which conditions a decision is made. Passed in, so that `decide` stays pure. */
export interface Moment {
  now: Time
  /** A random number in [0, 1). */
  random: number
  /** An ingress outage: most pages fell silent together, so silence alone restarts nothing. */
  ingressSuspect?: boolean
  /** All downtimes of the reporter. Absent if there were none. */
  downtimes?: Downtimes
  /** Why the reports may not arrive, for people. No decision depends on it. */
  ingressCause?: string
}

/** A decision in progress: a copy of the recording to change, and what follows from the changes. */
export interface Draft extends Moment {
  recording: Recording
  rules: KindRules
  effects: Effect[]
  timeline: TimelineEntry[]
}

export const openDraft = (recording: Recording, rules: KindRules, moment: Moment): Draft => ({
  ...moment,
  rules,
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
  deadlines: { ...attempt.deadlines },
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

/** Sets a deadline of an attempt, `seconds` from now. */
export const arm = (draft: Draft, attempt: Attempt, name: AttemptDeadlineName, seconds: number): void => {
  attempt.deadlines[name] = draft.now + Math.round(seconds * 1000)
}

/** Like `arm`, but never moves a deadline to an earlier time. */
export const extend = (draft: Draft, attempt: Attempt, name: AttemptDeadlineName, seconds: number): void => {
  const by = attempt.deadlines[name] ?? 0
  attempt.deadlines[name] = Math.max(by, draft.now + Math.round(seconds * 1000))
}

/**
 * The timeout behind a deadline has changed, in seconds. A longer one moves a deadline that is armed by the difference; a
 * shorter one counts from now at the latest, so that nobody has less than the whole of it.
 */
export const adapt = (
  draft: Draft,
  attempt: Attempt,
  name: AttemptDeadlineName,
  { from, to }: { from: number; to: number },
): void => {
  const by = attempt.deadlines[name]
  if (by === undefined || from === to) return
  if (to > from) attempt.deadlines[name] = by + Math.round((to - from) * 1000)
  else attempt.deadlines[name] = Math.min(by, draft.now + Math.round(to * 1000))
}

export const disarm = (attempt: Attempt, ...names: AttemptDeadlineName[]): void => {
  for (const name of names) delete attempt.deadlines[name]
}

export const hasPassed = (draft: Draft, attempt: Attempt, name: AttemptDeadlineName): boolean => {
  const at = attempt.deadlines[name]
  return at !== undefined && at <= draft.now
}

/** Sets a deadline of the recording, `seconds` from now. */
export const armRecording = (draft: Draft, name: RecordingDeadlineName, seconds: number): void => {
  draft.recording.deadlines[name] = draft.now + Math.round(seconds * 1000)
}

export const disarmRecording = (draft: Draft, ...names: RecordingDeadlineName[]): void => {
  for (const name of names) delete draft.recording.deadlines[name]
}

export const hasPassedForRecording = (draft: Draft, name: RecordingDeadlineName): boolean => {
  const at = draft.recording.deadlines[name]
  return at !== undefined && at <= draft.now
}

/** For a person: `2027-01-15 08:00:07 UTC`. */
export const formatUtc = (at: Time): string =>
  `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`

/** Rounded to tenths; 0 if `from` is null. */
export const secondsBetween = (from: Time | null, to: Time): number =>
  from === null ? 0 : Math.round((to - from) / 100) / 10
