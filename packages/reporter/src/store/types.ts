import type { RecordingRequest } from '../recordingRequest.ts'
import type {
  AttentionCode,
  Recording,
  RecordingKind,
  RecordingState,
  Time,
} from '../supervisor/recording.ts'
import type { Effect } from '../supervisor/signal.ts'
import type { TimelineEntry } from '../supervisor/timeline.ts'
import type { UidRange } from '../uidRange.ts'
import type { UnreadableRowError } from './errors.ts'

/** A recording as stored: the user's request, the supervisor's facts, and the version that fences writes. */
export interface StoredRecording {
  request: RecordingRequest
  recording: Recording
  version: number
  /** When this version was written. */
  updatedAt: Time
  /** The last heartbeat that was flushed. The recording has it only if it was written later. */
  lastHeartbeat?: LastHeartbeat
}

/** What a key may do: read everything but keys; also start, change and stop recordings; everything. */
export const KEY_SCOPES = ['read', 'write', 'admin'] as const
export type KeyScope = (typeof KEY_SCOPES)[number]

/** An API key that was made over the API, without its secret. */
export interface ApiKey {
  id: string
  name: string
  scope: KeyScope
  createdAt: Time
  /** Of a key in use, at most a minute ago; null if it was never used. */
  lastUsedAt: Time | null
  /** Since when it is refused; null while it is accepted. */
  revokedAt: Time | null
}

/** With which request an `Idempotency-Key` has created which recording. */
export interface IdempotencyKey {
  key: string
  requestHash: string
  recordingId: string
}

/** `stored` is an error if the row cannot be read. */
export interface ListedRecording extends RecordingPlace {
  stored: StoredRecording | UnreadableRowError
}

/** Which recordings to list: those that meet all that is given. */
export interface RecordingFilter {
  /** In any of these. */
  states?: readonly RecordingState[]
  kind?: RecordingKind
  /** Whether there is attention of it or of its standby. */
  hasAttention?: boolean
  /** With all of these labels. */
  labels?: Readonly<Record<string, string>>
  /** What its id begins with, or the value of one of its labels contains; ASCII letters in either case. */
  text?: string
}

/** How all recordings are. */
export interface RecordingsSummary {
  /** How many recordings are in each state, without standbys. */
  states: ReadonlyMap<string, number>
  /** How many recordings and standbys have each code. */
  attention: ReadonlyMap<string, number>
  oldestProblem: StoredProblem | undefined
}

/** The state or the attention of a recording or a standby. */
export interface StoredProblem {
  id: string
  since: Time
  state: RecordingState | null
  attention: AttentionCode | null
}

export interface ListOptions extends RecordingFilter {
  /** The last recording of the previous page. It may have been pruned since. */
  before?: RecordingPlace
  limit: number
}

/** Where a recording stands in the list. */
export interface RecordingPlace {
  createdAt: Time
  id: string
}

/** Which settled attempts to read. */
export interface SettledAttemptsOptions {
  /** The lowest number; default 1. */
  from?: number
  /** Only numbers below this one. */
  before?: number
  /** Only those whose page loaded, or which have files. */
  recordedOnly?: boolean
  limit: number
}

/** A later due time for a recording. */
export interface DueTimeChange {
  id: string
  /** The version that `dueAt` was computed from. */
  version: number
  dueAt: Time
}

/** A time in which the reporter did not run or could not store anything, or a step of its wall clock. */
export interface Downtime {
  downtimeMs: number
  /** How far the wall clock stepped back; 0 if it did not. */
  clockStepBackMs: number
}

/** The names under which Agora reports a task. Some notifications leave out the sid. */
export interface TaskKey {
  sid?: string
  cname: string
  uid: string
}

export interface AttemptKey {
  recordingId: string
  number: number
}

export interface FoundAttempt extends AttemptKey {
  /** As stored: another one than that of the task, if the attempt was found by its uid. */
  sid: string | null
}

/** Which uids the recordings of one channel use, or must not use. */
export interface TakenUids {
  /** Of all recordings, the lowest first. A stopped one makes no further attempt; a failed one may be restarted. */
  blocks: { recordingId: string; uidBase: number; isStopped: boolean }[]
  /** Of the channel's own users, as the requests name them. Those of stopped recordings no longer count. */
  userRanges: UidRange[]
}

/** The code is any string, because a newer version may have written codes that this one does not know. */
export interface AnyTimelineEntry extends Omit<TimelineEntry, 'code'> {
  code: string
}

export interface StoredTimelineEntry extends AnyTimelineEntry {
  id: number
  at: Time
}

/** A timeline entry of any recording, with its recording as it is when the entry is read. */
export interface TimelineEvent extends StoredTimelineEntry {
  recording: {
    id: string
    kind: RecordingKind
    labels: Readonly<Record<string, string>>
    state: RecordingState
  }
}

/** Which entries of all timelines to read. */
export interface TimelineEventsOptions {
  /** Only those after the entry with this id. */
  after: number
  /** Only of this recording and its standby. */
  recordingId?: string | undefined
  limit: number
}

export interface StoredEffect extends Effect {
  id: number
  recordingId: string
}

/** Which effects to claim: at most `limit` of the given kinds, leased for `leaseMs`. */
export interface ClaimRequest {
  kinds: readonly Effect['kind'][]
  limit: number
  leaseMs: number
}

export interface NotificationKey {
  noticeId: string
  sid: string
  uid: string
  eventType: number
  sequence: number | null
}

/** The last heartbeat received from a recording's current attempt. */
export interface LastHeartbeat {
  recordingId: string
  attempt: number
  page: string
  seq: number
  at: Time
}

/** The reports of one attempt's page in one hour, added up for people to read. No decision depends on them. */
export interface HourlyStatistics {
  recordingId: string
  attempt: number
  /** Start of the hour, UTC. */
  hour: Time
  /** Accepted reports. */
  reports: number
  /** Accepted reports with failed checks, after the page had loaded. */
  unhealthy: number
  /** Reports that the page made and that never arrived. */
  missed: number
  /** Largest number of script errors in one document. */
  errors: number
  /** Largest number of files that one document could not load. */
  failed: number
  /** Largest delay of the probe's tick, in milliseconds. */
  lateMax: number
  /** Heartbeats of a visible page that had painted no frame. */
  blank: number
}

/** Rows older than these times are pruned. */
export interface Cutoffs {
  /** The present: an orphaned attempt whose `mayRunUntil` is later keeps its recording. */
  now: Time
  /** For recordings in a terminal state (last write), timeline entries and hourly statistics. */
  before: Time
  /** For deliveries that are not pending. */
  deliveriesBefore: Time
  /** For notifications. Agora may repeat them for weeks, and a forgotten one would be handled twice. */
  notificationsBefore: Time
}
