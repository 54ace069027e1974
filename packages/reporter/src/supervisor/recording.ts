import type { Policy } from './policy.ts'

/** All times are milliseconds since the epoch, by the reporter's clock. */
export type Time = number

export const RECORDING_STATES = [
  'starting',
  'loading',
  'rolling',
  'unhealthy',
  'recovering',
  'stopping',
  'stopped',
  'failed',
] as const
export type RecordingState = (typeof RECORDING_STATES)[number]

/**
 * - `starting`: no sid yet
 * - `current`: Agora runs it, and its reports count
 * - `superseded`: replaced or unwanted, being stopped
 * - `orphaned`: perhaps it runs, its sid never came; stopped if the sid ever does
 * - `ended`: Agora does not run it (any more)
 */
export const ATTEMPT_STATES = ['starting', 'current', 'superseded', 'orphaned', 'ended'] as const
export type AttemptState = (typeof ATTEMPT_STATES)[number]

export const REASON_CODES = [
  'page_never_contacted',
  'page_not_loaded',
  'page_silent',
  'page_unhealthy',
  'stopped_by_agora',
  'lost_at_agora',
  'start_failed',
  'resume_failed',
  'max_recording_hour',
  'capability_limit',
  'restarted',
  'stopped',
] as const
export type ReasonCode = (typeof REASON_CODES)[number]

export interface Reason {
  code: ReasonCode
  /** For a person: what happened, and where to look. */
  message: string
  /** The facts behind the decision. */
  evidence: Evidence
}

export type Evidence = Record<string, unknown>

export interface FailedCheck {
  name: string
  detail?: string
  /** The page has not loaded, and the time that it gave this expectation is over. */
  overdue?: boolean
}

/** The document that speaks now. A reload makes another one. */
export interface Page {
  id: string
  /** Highest report number seen; lower ones are late and change nothing. */
  seq: number
  loaded: boolean
  failing: FailedCheck[]
  failingSince: Time | null
  /** What it warns of; nothing is decided on it. */
  warnings?: FailedCheck[]
}

/** What Agora answered to the latest queries, counted in a row. */
export interface QueryProgress {
  /** What is on its way; no second one is sent meanwhile, but the urgent one does not wait for the routine one. */
  asking: 'query' | 'routineQuery' | null
  asked: number
  notFound: number
  notFoundSince: Time | null
  /** Since when Agora has said that it ended by itself (status 7, 8). */
  exitedSince: Time | null
  unknown: number
}

/** The way to an end that Agora confirms. */
export interface StopProgress {
  notFound: number
  notFoundSince: Time | null
  unknown: number
  /** When to ask again; null while a stop is on its way. */
  nextAt: Time | null
}

/** The way to a pause, or to its end, that Agora confirms. */
export interface UpdateProgress {
  tries: number
  /** When to send it again; null while an update is on its way. */
  nextAt: Time | null
}

/** Why the page is doubted: Agora is asked before anything is done about it. */
export type Suspicion = 'silent' | 'never_contacted'

export interface Attempt {
  /** From 1. */
  number: number
  uid: string
  state: AttemptState
  resourceId: string | null
  /** Resources acquired before it whose start may have gone through: a sid of unknown origin may be of any of them. */
  otherResourceIds: string[]
  /** When the resource id was acquired: it serves one start, within 5 minutes. */
  acquiredAt: Time | null
  sid: string | null
  /** Of tasks of this attempt that have ended, while another start of it may have gone through. */
  earlierSids: string[]
  /** Of tasks that were named beside it while nobody knew which of them runs: the next ones to stop. */
  otherSids: string[]
  createdAt: Time
  startedAt: Time | null
  confirmedAt: Time | null
  helloAt: Time | null
  loadedAt: Time | null
  lastBeatAt: Time | null
  endedAt: Time | null
  endReason: Reason | null
  /** Until when the page was seen to be well; null as long as the attempt lives, and when its page never loaded. */
  wellUntil: Time | null
  /** Of an orphan: when Agora ends it by itself, at the latest. */
  mayRunUntil: Time | null
  page: Page | null
  /** Ids of earlier documents of this attempt, newest last: their late reports change nothing. */
  earlierPages: string[]
  suspicion: Suspicion | null
  query: QueryProgress
  stop: StopProgress | null
  /** Whether Agora writes nothing: as its start said, or the last update that it confirmed, or its answer to a query. */
  onhold: boolean
  update: UpdateProgress | null
  files: string[]
  /** Under which another server of Agora goes on since its last failover (event 12). */
  newUid: string | null
  failoverAt: Time | null
  /** Highest number seen of Agora's notifications about the session that runs now. */
  lastSequence: number | null
}

/**
 * `confirmBy` Agora says that it runs (or, without a sid, that the sid is known) · `loadBy` the page says loaded ·
 * `beatBy` the page is heard · `healthyBy` failed checks are met again · `queryAt` Agora is asked ·
 * `retryAt` the next attempt is made · `stopBy` an unconfirmed stop is sent again · `updateBy` an unconfirmed pause, or
 * its end, is sent again
 */
export type DeadlineName =
  | 'confirmBy'
  | 'loadBy'
  | 'beatBy'
  | 'healthyBy'
  | 'queryAt'
  | 'retryAt'
  | 'stopBy'
  | 'updateBy'
export type Deadlines = Partial<Record<DeadlineName, Time>>

/** What the supervisor knows of one recording, and all that it decides on. */
export interface Recording {
  /** `[A-Za-z0-9]{1,64}`; also Agora's cname. */
  id: string
  desired: 'running' | 'stopped'
  /** Agora shall keep the page open and write nothing. */
  paused: boolean
  state: RecordingState
  /** Why it is not rolling, when there is something to say. */
  reason: Reason | null
  policy: Policy
  /** Attempt n has the uid `uidBase + n`. */
  uidBase: number
  createdAt: Time
  /** Hours after which Agora ends an attempt by itself. */
  maxRecordingHour: number
  attempts: Attempt[]
  deadlines: Deadlines
  /** When attempts failed, within the policy's window. */
  failures: Time[]
  /** Attempts in a row that never loaded. */
  neverLoaded: number
  /** Starts in a row that Agora did not take. */
  postponed: number
  /** Since when the page has been loaded and healthy without a break. */
  rollingSince: Time | null
  /** Restarts are used up: why. */
  gaveUp: Reason | null
  /** Attempts before this number belong to an earlier beginning: a restart that a person asked for. */
  freshFrom: number
}

export const UID_BASE = 900_000

export const newRecording = (id: string, policy: Policy, now: Time, maxRecordingHour: number): Recording => ({
  id,
  desired: 'running',
  paused: false,
  state: 'starting',
  reason: null,
  policy,
  uidBase: UID_BASE,
  createdAt: now,
  maxRecordingHour,
  attempts: [],
  deadlines: {},
  failures: [],
  neverLoaded: 0,
  postponed: 0,
  rollingSince: null,
  gaveUp: null,
  freshFrom: 1,
})

/** The attempt whose signals count: the newest one, unless it was replaced or has ended. */
export const liveAttempt = (recording: Recording): Attempt | undefined => {
  const newest = recording.attempts.at(-1)
  return newest && (newest.state === 'starting' || newest.state === 'current') ? newest : undefined
}

/** Whether the live attempt waits to be started again: Agora did not take its start, and runs nothing. */
export const isPostponed = (recording: Recording): boolean =>
  recording.deadlines.retryAt !== undefined && liveAttempt(recording) !== undefined

/** Whether a report of this attempt still means anything: not when it was replaced, and not after a stop. */
export const isCurrent = (recording: Recording, attemptNumber: number): boolean =>
  recording.desired === 'running' && liveAttempt(recording)?.number === attemptNumber
