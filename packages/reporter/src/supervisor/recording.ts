import type { Policy } from './policy.ts'

/** Milliseconds since the epoch, by the reporter's clock. */
export type Time = number

/**
 * - `page`: Agora's web page mode. The page's probe reports whether it is well.
 * - `channel`: its individual or mix mode. The evidence is Agora's answers and notifications.
 */
export const RECORDING_KINDS = ['page', 'channel'] as const
export type RecordingKind = (typeof RECORDING_KINDS)[number]

export const RECORDING_STATES = [
  'starting',
  'loading',
  'rolling',
  'paused',
  'unhealthy',
  'recovering',
  'stopping',
  'stopped',
  'failed',
] as const
export type RecordingState = (typeof RECORDING_STATES)[number]

/**
 * - `starting`: the current attempt has no sid yet
 * - `current`: Agora runs it, and its reports count
 * - `candidate`: it runs, or is being started, beside the current attempt, and takes over once its page has loaded
 * - `superseded`: replaced, or no longer needed; it is being stopped
 * - `orphaned`: it may be running, but its sid never arrived; it is stopped as soon as the sid is known
 * - `ended`: Agora does not run it
 */
export const ATTEMPT_STATES = ['starting', 'current', 'candidate', 'superseded', 'orphaned', 'ended'] as const
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
  'resource_expired_hour',
  'idle_exit',
  'not_highly_available',
  'capability_limit',
  'ingress_outage',
  'no_files',
  'candidate_dropped',
  'restarted',
  'stopped',
  'time_over',
] as const
export type ReasonCode = (typeof REASON_CODES)[number]

export interface Reason {
  code: ReasonCode
  /** For a person: what happened, and what to check. */
  message: string
  /** The facts behind the decision. */
  evidence: Evidence
}

export type Evidence = Record<string, unknown>

export const reason = (code: ReasonCode, message: string, evidence: Evidence = {}): Reason => ({
  code,
  message,
  evidence,
})

export interface FailedCheck {
  name: string
  detail?: string
  /** The page has not loaded, and this expectation's own timeout has passed. */
  overdue?: boolean
}

/** The document that sends reports. A reload creates a new one. */
export interface Page {
  id: string
  /** The highest report number received. Reports with lower numbers are late and change nothing. */
  seq: number
  /** When its first report arrived; null if an earlier version stored it. */
  openedAt: Time | null
  loaded: boolean
  failing: FailedCheck[]
  failingSince: Time | null
  /** What the page warns about. No decision depends on it. */
  warnings?: FailedCheck[]
  /** Script errors so far. No decision depends on them. */
  errors?: number
  /** The document's first script error, scrubbed. No decision depends on it. */
  firstError?: string
  /** JSON of the document's last note, if a destination is sent notes. No decision depends on it. */
  note?: string
}

/** An earlier document of an attempt. Its reports do not count, but are looked at. */
export interface EarlierPage {
  id: string
  seq: number
  loaded: boolean
  openedAt: Time | null
  lastBeatAt: Time
  /** It reports beside the newest document for longer than a reload or a failover explains. */
  speaksOn: boolean
}

/** Whether Agora receives a user's audio or video. */
export interface Stream {
  received: boolean
  /** Of the notification that said so. */
  sequence: number | null
}

/** The first event that said that a session of the channel has ended: 11, 31 or 32. */
export interface SessionEnd {
  eventType: number
  at: Time
}

/** The latest queries and Agora's consecutive answers to them. */
export interface QueryProgress {
  /** The query in flight. No second one is sent meanwhile, except that an urgent one overtakes a routine one. */
  asking: 'query' | 'routineQuery' | null
  /** Queries answered so far. */
  asked: number
  /** Consecutive 404 answers. */
  notFound: number
  notFoundSince: Time | null
  /** When Agora first said that the task ended on its own (status 7 or 8). */
  exitedSince: Time | null
  /** When Agora first answered with a status that is neither running nor ended (0 to 3, 6). */
  unsettledSince: Time | null
  /** Consecutive answers that said nothing about the recording (50x, timeout, quota). */
  unknown: number
}

/** A stop that Agora has not confirmed yet. */
export interface StopProgress {
  notFound: number
  notFoundSince: Time | null
  unknown: number
  /** When to retry; null while a stop is in flight. */
  nextAt: Time | null
}

/**
 * How often the user has changed what an update brings to Agora while the recording runs. Each attempt starts with the
 * newest values.
 */
export interface Revisions {
  layout: number
  subscription: number
}

export const NO_REVISIONS: Revisions = { layout: 0, subscription: 0 }

/** An update that Agora has not confirmed yet: a pause, a resume, a change of a channel's layout or subscription. */
export interface UpdateProgress {
  tries: number
  /** When to retry; null while an update is in flight. */
  nextAt: Time | null
}

/**
 * What is known about the uploads of one of Agora's sessions.
 * - `failing`: the uploader reports errors; later files may get through
 * - `failed`: the session has ended, and files are missing in the bucket
 * - `backed_up`: the session has ended, and some files are in Agora's own backup, which uploads them later
 */
export const UPLOAD_STATUSES = ['unknown', 'uploaded', 'backed_up', 'failing', 'failed'] as const
export type UploadStatus = (typeof UPLOAD_STATUSES)[number]

/** `uploadingStatus` in Agora's answer to a stop. */
export const UPLOADING_STATUSES = ['uploaded', 'backuped', 'unknown'] as const
export type UploadingStatus = (typeof UPLOADING_STATUSES)[number]

/** Why the page is suspected to be dead. Agora is queried before anything is done about it. */
export type Suspicion = 'silent' | 'never_contacted'

/** Timeline entries that may repeat each other, by the name of their group (`repeats.ts`). */
export type Repeats = Record<string, RepeatWindow>

/** A minute in which entries of one group are written, and then counted. */
export interface RepeatWindow {
  from: Time
  /** When the last entry came. */
  to: Time
  /** By code. */
  written: Record<string, number>
  counted: Record<string, number>
}

export interface Attempt {
  /** From 1. */
  number: number
  uid: string
  /**
   * In the token of its page: one from an earlier life of the recording's id, with the same attempt number, is refused.
   * Null if an earlier version made the attempt.
   */
  nonce: string | null
  state: AttemptState
  /** Why it was started as a candidate; null if it was not. */
  candidateFor: Reason | null
  /** Agora did not accept the start; it is sent again at `retryAt`. */
  postponed: boolean
  deadlines: AttemptDeadlines
  resourceId: string | null
  /** Resources acquired earlier whose start may have gone through. A sid of unknown origin may belong to any of them. */
  otherResourceIds: string[]
  /** When the resource id was acquired. It serves one start, within 5 minutes. */
  acquiredAt: Time | null
  sid: string | null
  /** Sids of this attempt's tasks that have ended while another start of the attempt may have gone through. */
  earlierSids: string[]
  /** Sids reported in addition to `sid` while it was unclear which task runs. They are stopped next. */
  otherSids: string[]
  createdAt: Time
  startedAt: Time | null
  confirmedAt: Time | null
  helloAt: Time | null
  /** When it was first known to be well: its page had loaded, or Agora had confirmed that it records the channel. */
  loadedAt: Time | null
  lastBeatAt: Time | null
  /** Seconds between heartbeats as its page last learned them, if the policy has changed since: until its next report. */
  formerInterval: number | null
  /** When Agora last answered that it records (status 4 or 5). */
  recordsAt: Time | null
  endedAt: Time | null
  endReason: Reason | null
  /** Whether it is one of the recording's `neverLoaded`. */
  countedNeverLoaded: boolean
  /** The last moment at which the page was known to be well; null while the attempt runs, or if it never loaded. */
  wellUntil: Time | null
  /** For an orphaned attempt: the latest moment at which Agora ends it on its own. */
  mayRunUntil: Time | null
  page: Page | null
  /** When a report that names this attempt was refused for its token. */
  tokenRefusedAt: Time | null
  /** Ids of this attempt's earlier documents, newest last. Their late reports change nothing. */
  earlierPages: string[]
  /** The newest of them, the one that reported last first; at most 4. */
  followedPages: EarlierPage[]
  suspicion: Suspicion | null
  /** Until when the silence of a suspected page has a known cause (a reload, a failover). */
  graceUntil: Time | null
  query: QueryProgress
  stop: StopProgress | null
  /** Whether Agora writes nothing, according to the start, the last confirmed update, or the last query. */
  onhold: boolean
  update: UpdateProgress | null
  /** The newest changes that Agora has confirmed, by the start or by an update. */
  applied: Revisions
  /** The newest changes that Agora has refused: they are not sent again. */
  refused: Revisions
  /** A channel's: until when its token is valid. Agora cannot be given another one for a running task. */
  tokenExpiresAt: Time | null
  /** A channel's: why Agora's recorder has left (event 41, a bit mask). */
  leaveCode: number | null
  /** A channel's: Agora has said that a session has ended, and not why, or whether it was this one. */
  sessionEnd: SessionEnd | null
  /** A channel's: when Agora registered it for high availability (event 13). */
  haAt: Time | null
  /** A channel's, by `audio` or `video` and the uid (events 43 and 44). */
  streams: Record<string, Stream>
  /** Names as Agora lists them. */
  files: string[]
  /** When there was the first evidence of a file. */
  firstFileAt: Time | null
  /** `suspected`: `fileBy` has passed, and Agora is queried; `confirmed`: it records, and lists no file. */
  noFiles: 'suspected' | 'confirmed' | null
  /** By the uid of the session: after a failover there are two. */
  uploads: Record<string, UploadStatus>
  uploadingStatus: UploadingStatus | null
  /** The uid under which another of Agora's servers continues after the last failover (event 12). */
  newUid: string | null
  failoverAt: Time | null
  /** The highest sequence number among Agora's notifications about the running session. */
  lastSequence: number | null
  /** Timeline entries of this attempt that are counted. */
  repeats: Repeats
}

/**
 * Deadlines of one attempt.
 * - `confirmBy`: Agora confirms that the attempt runs or, without a sid, the sid is known
 * - `loadBy`: the page reports `loaded`
 * - `beatBy`: the page sends a report
 * - `healthyBy`: failed checks pass again
 * - `queryAt`: Agora is queried
 * - `fileBy`: Agora lists a file
 * - `haBy`: Agora registers the attempt for high availability
 * - `exitBy`: what the end of a session means is decided
 */
export type AttemptDeadlineName =
  | 'confirmBy'
  | 'loadBy'
  | 'beatBy'
  | 'healthyBy'
  | 'queryAt'
  | 'fileBy'
  | 'haBy'
  | 'exitBy'
export type AttemptDeadlines = Partial<Record<AttemptDeadlineName, Time>>

/**
 * Deadlines of the recording as a whole.
 * - `retryAt`: the next attempt or candidate starts, or a postponed start is sent again
 * - `rollOverAt`: a candidate starts, because Agora will end the current attempt at `maxRecordingHour`
 * - `stopBy`: an unconfirmed stop is retried
 * - `updateBy`: an unconfirmed pause or resume is retried
 * - `repeatsAt`: timeline entries that were counted are summed up
 * - `quietAt`: no earlier document has reported for a minute
 * - `beginAt`: a scheduled recording begins
 * - `endAt`: its time is over
 */
export type RecordingDeadlineName =
  | 'retryAt'
  | 'rollOverAt'
  | 'stopBy'
  | 'updateBy'
  | 'repeatsAt'
  | 'quietAt'
  | 'beginAt'
  | 'endAt'
export type RecordingDeadlines = Partial<Record<RecordingDeadlineName, Time>>

export const ATTENTION_CODES = [
  'slow_retries',
  'agora_refuses_account',
  'agora_unreachable',
  'storage_unavailable',
  'no_files',
  'upload_failing',
  'uploads_backuped',
  'two_documents',
  'reports_not_received',
  'token_unavailable',
  'short_idle_time',
  'frequent_idle_exits',
  'nothing_received',
  'change_refused',
] as const
export type AttentionCode = (typeof ATTENTION_CODES)[number]

/** Something a person should look at. What is about files outlasts the recording. */
export interface Attention {
  code: AttentionCode
  message: string
  since: Time
  /** The attempts whose files it is about; empty if it is about the recording. */
  attempts: number[]
}

/** A time in which Agora wrote nothing because of a pause. */
export interface Pause {
  from: Time
  /** null while it lasts. */
  to: Time | null
}

/** How often and for how long the reporter was down, and how far its wall clock stepped back, both in milliseconds. */
export interface DowntimeTotals {
  count: number
  downtimeMs: number
  clockStepBackMs: number
}

/** All downtimes of the reporter so far: one fact for all recordings. */
export interface Downtimes extends DowntimeTotals {
  /** When the last one ended. */
  endedAt: Time
}

export const NO_DOWNTIMES: Downtimes = { count: 0, downtimeMs: 0, clockStepBackMs: 0, endedAt: 0 }

/** When a recording begins and ends. Times of day, which neither a downtime nor a step of the reporter's clock moves. */
export interface Schedule {
  /** When it is to be recording; null: from its creation on. */
  startAt: Time | null
  /** Seconds before `startAt` at which its first attempt starts. */
  startAhead: number
  /** When it ends; null: at a stop. */
  stopAt: Time | null
  /** Seconds after `startAt`, or else after its creation, at which it ends; null: no limit. */
  maxDuration: number | null
}

export const NO_SCHEDULE: Schedule = { startAt: null, startAhead: 0, stopAt: null, maxDuration: null }

/** Everything the supervisor knows about one recording, and the only thing it decides on. */
export interface Recording {
  /** 1 to 64 letters, digits, `-` and `_`; that of a standby ends in `~standby`. */
  id: string
  kind: RecordingKind
  /** Agora's channel name of all attempts: a page's id, a channel's name. */
  cname: string
  desired: 'running' | 'stopped'
  schedule: Schedule
  /** It has not begun: no attempt is made before `startAhead` seconds before `startAt`. */
  awaitsStart: boolean
  /** Whether Agora should keep the page open and write nothing. */
  paused: boolean
  /** The newest pauses, as Agora has confirmed them, oldest first. */
  pauses: Pause[]
  state: RecordingState
  /** Why the recording is not rolling; null while there is nothing to say. */
  reason: Reason | null
  policy: Policy
  /** Attempt n has the uid `uidBase + n`. Recordings with the same cname have different bases, `UID_BLOCK` apart. */
  uidBase: number
  createdAt: Time
  /**
   * Hours after which an attempt must have been replaced. Agora ends a page's on its own (`maxRecordingHour`); a channel's
   * can no longer be queried or stopped (`resourceExpiredHour`), or its token is no longer valid.
   */
  maxRecordingHour: number
  /** A channel's, in seconds: Agora ends an attempt after this time without users. Null for a page. */
  maxIdleTime: number | null
  /** What the user has changed so far. */
  revisions: Revisions
  /** The newest changes that Agora has refused: no attempt starts with them. */
  refusedRevisions: Revisions
  /** A channel's: when a user last joined it. */
  joinedAt: Time | null
  /** A channel's, with `onIdleExit: "wait"`: since when no attempt runs because the channel had no users. */
  waitingSince: Time | null
  /** A channel's: when attempts ended because the channel had no users, within `policy.restart.within`. */
  idleExits: Time[]
  attempts: Attempt[]
  /** How many attempts were made so far: the number of the newest one. */
  attemptCount: number
  deadlines: RecordingDeadlines
  /** When attempts failed, within `policy.restart.within`: the newest that its limit and delays can tell apart. */
  failures: Time[]
  /**
   * Why a candidate is to take over from the current attempt, which keeps recording until then. Null if nothing is
   * known against the current attempt.
   */
  replacing: Reason | null
  /** Consecutive attempts that never loaded. */
  neverLoaded: number
  /** Attempts made at the slow pace since the limits of `policy.restart` were reached. */
  slowRetries: number
  /** Consecutive attempts that were to be replaced because Agora listed no file of them. */
  withoutFiles: number
  attention: Attention[]
  /** Timeline entries that name no attempt and are counted. */
  repeats: Repeats
  /** Consecutive starts of the newest attempt that Agora did not accept. */
  postponed: number
  /** Since when the recording has been rolling without interruption. */
  rollingSince: Time | null
  /** Why no further attempt is made; null while restarts are left. */
  gaveUp: Reason | null
  /** Since when no further attempt is made. */
  gaveUpAt: Time | null
  /** Attempts before this number were made before the last restart that a user requested. */
  freshFrom: number
  /** The downtimes that the recording's times and deadlines take into account. */
  appliedDowntimes: DowntimeTotals
}

export const UID_BASE = 900_000
/** Attempts that a recording can have before its uids reach those of the next one with the same cname. */
export const UID_BLOCK = 100_000

/** What tells a recording from a page of its own with the same id. */
export type RecordingIdentity = Pick<Recording, 'kind' | 'cname' | 'uidBase' | 'maxIdleTime' | 'schedule'>

export const newRecording = (
  id: string,
  policy: Policy,
  now: Time,
  maxRecordingHour: number,
  identity: Partial<RecordingIdentity> = {},
): Recording => ({
  id,
  kind: 'page',
  cname: id,
  desired: 'running',
  schedule: NO_SCHEDULE,
  awaitsStart: false,
  paused: false,
  pauses: [],
  state: 'starting',
  reason: null,
  policy,
  uidBase: UID_BASE,
  createdAt: now,
  maxRecordingHour,
  maxIdleTime: null,
  revisions: NO_REVISIONS,
  refusedRevisions: NO_REVISIONS,
  joinedAt: null,
  waitingSince: null,
  idleExits: [],
  attempts: [],
  attemptCount: 0,
  deadlines: {},
  failures: [],
  replacing: null,
  neverLoaded: 0,
  slowRetries: 0,
  withoutFiles: 0,
  attention: [],
  repeats: {},
  postponed: 0,
  rollingSince: null,
  gaveUp: null,
  gaveUpAt: null,
  freshFrom: 1,
  appliedDowntimes: { count: 0, downtimeMs: 0, clockStepBackMs: 0 },
  ...identity,
})

/** The earliest deadline; undefined if nothing is due. */
export const dueAt = (recording: Recording): Time | undefined => {
  const all = [recording.deadlines, ...recording.attempts.map(({ deadlines }) => deadlines)]
  const times = all.flatMap((deadlines) => Object.values(deadlines))
  return times.length === 0 ? undefined : Math.min(...times)
}
