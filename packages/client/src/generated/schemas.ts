// Generated from packages/reporter/openapi.json by packages/client/generate.ts. Do not edit.

/** a recording was requested */
export interface RecordingCreated {
  type: 'recording.created'
  /** The header `webhook-id`; the same in every try */
  id: string
  /** When it happened */
  time: string
  recording: DeliveryRecording
  /** Consecutive among this destination's deliveries of the recording, of those about none, or of tests; a gap means that one was given up */
  sequence: number
}

/** The recording in that moment */
export interface DeliveryRecording {
  id: string
  kind: 'page' | 'channel'
  labels: Record<string, string>
  state: 'starting' | 'loading' | 'rolling' | 'paused' | 'unhealthy' | 'recovering' | 'stopping' | 'stopped' | 'failed'
  /** The number of the current attempt */
  attempt: number | null
  /** Its sid; null while it is not known */
  sid: string | null
}

/** the recording is rolling: it is known to be well */
export interface RecordingRolling {
  type: 'recording.rolling'
  /** The header `webhook-id`; the same in every try */
  id: string
  /** When it happened */
  time: string
  recording: DeliveryRecording
  /** Set if the recording changes so often that its changes are counted: how many there were within the last minute. At most one such delivery a minute is sent */
  repeated?: number
  /** Consecutive among this destination's deliveries of the recording, of those about none, or of tests; a gap means that one was given up */
  sequence: number
}

/** something is wrong with the recording while Agora still records; or no further attempt is made (`final`) */
export interface RecordingUnhealthy {
  type: 'recording.unhealthy'
  /** The header `webhook-id`; the same in every try */
  id: string
  /** When it happened */
  time: string
  recording: DeliveryRecording
  reason: DeliveryReason | null
  /** Set if the recording changes so often that its changes are counted: how many there were within the last minute. At most one such delivery a minute is sent */
  repeated?: number
  /** No further attempt is made (`restart.final`) */
  final: boolean
  /** Consecutive among this destination's deliveries of the recording, of those about none, or of tests; a gap means that one was given up */
  sequence: number
}

export interface DeliveryReason {
  /** One of the reasons; later versions add some */
  code: string
  /** For people */
  message: string
  /** The facts behind it */
  evidence: Record<string, unknown>
}

/** nothing is recorded, and the next attempt is being made */
export interface RecordingRecovering {
  type: 'recording.recovering'
  /** The header `webhook-id`; the same in every try */
  id: string
  /** When it happened */
  time: string
  recording: DeliveryRecording
  reason: DeliveryReason | null
  /** Set if the recording changes so often that its changes are counted: how many there were within the last minute. At most one such delivery a minute is sent */
  repeated?: number
  /** Consecutive among this destination's deliveries of the recording, of those about none, or of tests; a gap means that one was given up */
  sequence: number
}

/** an attempt has ended, and was not to end; the next one follows by the policy */
export interface RecordingAttemptFailed {
  type: 'recording.attempt_failed'
  /** The header `webhook-id`; the same in every try */
  id: string
  /** When it happened */
  time: string
  recording: DeliveryRecording
  reason: DeliveryReason | null
  attempt: number
  /** Consecutive among this destination's deliveries of the recording, of those about none, or of tests; a gap means that one was given up */
  sequence: number
}

/** another attempt is the current one: after a failure, or because a person asked for it */
export interface RecordingRestarted {
  type: 'recording.restarted'
  /** The header `webhook-id`; the same in every try */
  id: string
  /** When it happened */
  time: string
  recording: DeliveryRecording
  reason: DeliveryReason | null
  from: number
  to: number
  /** Consecutive among this destination's deliveries of the recording, of those about none, or of tests; a gap means that one was given up */
  sequence: number
}

/** another attempt is the current one, as planned: the former has reached its hours */
export interface RecordingRolledOver {
  type: 'recording.rolled_over'
  /** The header `webhook-id`; the same in every try */
  id: string
  /** When it happened */
  time: string
  recording: DeliveryRecording
  reason: DeliveryReason | null
  from: number
  to: number
  /** Consecutive among this destination's deliveries of the recording, of those about none, or of tests; a gap means that one was given up */
  sequence: number
}

/** Agora writes nothing: a pause was confirmed, or no user is in the channel */
export interface RecordingPaused {
  type: 'recording.paused'
  /** The header `webhook-id`; the same in every try */
  id: string
  /** When it happened */
  time: string
  recording: DeliveryRecording
  reason: DeliveryReason | null
  /** Consecutive among this destination's deliveries of the recording, of those about none, or of tests; a gap means that one was given up */
  sequence: number
}

/** the pause is over */
export interface RecordingResumed {
  type: 'recording.resumed'
  /** The header `webhook-id`; the same in every try */
  id: string
  /** When it happened */
  time: string
  recording: DeliveryRecording
  /** Consecutive among this destination's deliveries of the recording, of those about none, or of tests; a gap means that one was given up */
  sequence: number
}

/** the recording was stopped, or its time was over, and nothing runs any more */
export interface RecordingStopped {
  type: 'recording.stopped'
  /** The header `webhook-id`; the same in every try */
  id: string
  /** When it happened */
  time: string
  recording: DeliveryRecording
  reason: DeliveryReason | null
  /** Consecutive among this destination's deliveries of the recording, of those about none, or of tests; a gap means that one was given up */
  sequence: number
}

/** nothing runs any more, and no further attempt is made */
export interface RecordingFailed {
  type: 'recording.failed'
  /** The header `webhook-id`; the same in every try */
  id: string
  /** When it happened */
  time: string
  recording: DeliveryRecording
  reason: DeliveryReason | null
  /** Consecutive among this destination's deliveries of the recording, of those about none, or of tests; a gap means that one was given up */
  sequence: number
}

/** a person should look at something while the recording goes on */
export interface RecordingAttentionRaised {
  type: 'recording.attention_raised'
  /** The header `webhook-id`; the same in every try */
  id: string
  /** When it happened */
  time: string
  recording: DeliveryRecording
  attention: { code: string; message: string; since: string }
  /** Consecutive among this destination's deliveries of the recording, of those about none, or of tests; a gap means that one was given up */
  sequence: number
}

/** that is over */
export interface RecordingAttentionCleared {
  type: 'recording.attention_cleared'
  /** The header `webhook-id`; the same in every try */
  id: string
  /** When it happened */
  time: string
  recording: DeliveryRecording
  attention: { code: string; message: string; since: string }
  /** Consecutive among this destination's deliveries of the recording, of those about none, or of tests; a gap means that one was given up */
  sequence: number
}

/** Agora lists files that it did not list before */
export interface RecordingFilesAdded {
  type: 'recording.files_added'
  /** The header `webhook-id`; the same in every try */
  id: string
  /** When it happened */
  time: string
  recording: DeliveryRecording
  files: { name: string; attempt: number }[]
  /** How many; `files` has at most 100 */
  count: number
  /** Consecutive among this destination's deliveries of the recording, of those about none, or of tests; a gap means that one was given up */
  sequence: number
}

/** a recorded page has called `note()` with something new */
export interface PageNote {
  type: 'page.note'
  /** The header `webhook-id`; the same in every try */
  id: string
  /** When it happened */
  time: string
  recording: DeliveryRecording
  attempt: number
  /** The page's own data, at most 1 KiB of JSON. Never trust it */
  note?: unknown
  /** Consecutive among this destination's deliveries of the recording, of those about none, or of tests; a gap means that one was given up */
  sequence: number
}

/** most pages are silent together (an ingress outage): silence restarts nothing */
export interface SupervisorPaused {
  type: 'supervisor.paused'
  /** The header `webhook-id`; the same in every try */
  id: string
  /** When it happened */
  time: string
  reason: DeliveryReason | null
  /** Consecutive among this destination's deliveries of the recording, of those about none, or of tests; a gap means that one was given up */
  sequence: number
}

/** enough pages report again, so silence counts as before */
export interface SupervisorResumed {
  type: 'supervisor.resumed'
  /** The header `webhook-id`; the same in every try */
  id: string
  /** When it happened */
  time: string
  reason: DeliveryReason | null
  /** Consecutive among this destination's deliveries of the recording, of those about none, or of tests; a gap means that one was given up */
  sequence: number
}

/** a delivery to another destination was given up; sent once until that destination accepts one again */
export interface DeliveryExhausted {
  type: 'delivery.exhausted'
  /** The header `webhook-id`; the same in every try */
  id: string
  /** When it happened */
  time: string
  reason: DeliveryReason | null
  destination: { name: string }
  delivery: { id: string; type: string }
  /** Consecutive among this destination's deliveries of the recording, of those about none, or of tests; a gap means that one was given up */
  sequence: number
}

/** that destination accepts deliveries again */
export interface DeliveryRecovered {
  type: 'delivery.recovered'
  /** The header `webhook-id`; the same in every try */
  id: string
  /** When it happened */
  time: string
  destination: { name: string }
  /** Consecutive among this destination's deliveries of the recording, of those about none, or of tests; a gap means that one was given up */
  sequence: number
}

/** a person has asked for a test */
export interface DeliveryTest {
  type: 'delivery.test'
  /** The header `webhook-id`; the same in every try */
  id: string
  /** When it happened */
  time: string
  /** Consecutive among this destination's deliveries of the recording, of those about none, or of tests; a gap means that one was given up */
  sequence: number
}

export interface Readiness {
  status: 'ok' | 'degraded' | 'unavailable'
  checks: { database?: { ok: boolean; detail: string }; supervisor?: { ok: boolean; detail: string }; process?: { ok: boolean; detail: string }; reports?: { ok: boolean; detail: string }; publicUrl?: { ok: boolean; detail: string }; recordings?: { ok: boolean; detail: string }; agora?: { ok: boolean; detail: string }; notifications?: { ok: boolean; detail: string }; tokens?: { ok: boolean; detail: string }; storage?: { ok: boolean; detail: string }; channelTokens?: { ok: boolean; detail: string }; deliveries?: { ok: boolean; detail: string } }
}

export type Recording = PageRecording | ChannelRecording

export interface PageRecording {
  id: string
  desired: 'running' | 'stopped'
  paused: boolean
  state: 'starting' | 'loading' | 'rolling' | 'paused' | 'unhealthy' | 'recovering' | 'stopping' | 'stopped' | 'failed'
  reason: Reason | null
  attention: Attention[]
  nextAttemptAt: string | null
  gaveUp: Reason | null
  gaveUpAt: string | null
  startAt: string | null
  startAhead: number
  stopAt: string | null
  maxDuration: number | null
  startsAt: string | null
  endsAt: string | null
  policy: Policy
  storage: string
  folder: string | null
  labels: Record<string, string>
  metadata: Record<string, unknown>
  createdAt: string
  updatedAt: string
  version: number
  deadlines: Record<string, string>
  attemptCount: number
  attempts: Attempt[]
  files: (({ name: string; attempt: number; status: 'predicted' | 'confirmed'; upload: 'uploaded' | 'backed_up' | 'unknown' }) & { standby: boolean })[]
  gaps: Gap[]
  pauses: ({ from: string; to: string | null })[]
  historySince: string
  standby: Standby | null
  standbyOf: string | null
  kind: 'page'
  url: string
  video: { width: number; height: number; fps?: number; bitrate?: number }
  audioProfile: 0 | 1 | 2
  maxRecordingHour: number
  avFileType: ('hls' | 'mp4')[]
  expect: (string | Expectation)[]
  media: (string | Expectation)[]
}

export interface Reason {
  code: 'page_never_contacted' | 'page_not_loaded' | 'page_silent' | 'page_unhealthy' | 'stopped_by_agora' | 'lost_at_agora' | 'start_failed' | 'resume_failed' | 'max_recording_hour' | 'resource_expired_hour' | 'idle_exit' | 'not_highly_available' | 'capability_limit' | 'ingress_outage' | 'no_files' | 'candidate_dropped' | 'restarted' | 'stopped' | 'time_over'
  message: string
  evidence: Record<string, unknown>
}

export interface Attention {
  code: 'slow_retries' | 'agora_refuses_account' | 'agora_unreachable' | 'storage_unavailable' | 'no_files' | 'upload_failing' | 'uploads_backuped' | 'two_documents' | 'reports_not_received' | 'token_unavailable' | 'short_idle_time' | 'frequent_idle_exits' | 'nothing_received' | 'change_refused'
  message: string
  since: string
  attempts: number[]
}

export interface Policy {
  confirmTimeout: number
  readyTimeout: number
  loadTimeout: number
  heartbeatInterval: number
  heartbeatTimeout: number
  unhealthyTimeout: number
  reloadGrace: number
  queryInterval: number
  failoverWindow: number
  fileTimeout: number
  onNoFiles: 'attention' | 'restart'
  restart: { delays: number[]; jitter: number; maxFailures: number; within: number; maxNeverLoaded: number; slowDelays: number[]; final: boolean; stableAfter: number }
  onStopCode: { '1': 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '2': 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '3': 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '4': 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '5': 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '6': 'rollOver' | 'restart' | 'restartOnce' | 'giveUp' }
  handOver: 'overlap' | 'replace'
  rollOverAhead: number
  fence: boolean
  onIdleExit: 'restart' | 'wait' | 'end'
  requireHa: boolean
}

export interface Attempt {
  number: number
  state: 'starting' | 'current' | 'candidate' | 'superseded' | 'orphaned' | 'ended'
  candidateFor: Reason | null
  uid: string
  resourceId: string | null
  sid: string | null
  onhold: boolean
  startedAt: string | null
  confirmedAt: string | null
  loadedAt: string | null
  lastBeatAt: string | null
  firstError: string | null
  endedAt: string | null
  endReason: Reason | null
  mayRunUntil: string | null
  wellUntil: string | null
  uploadingStatus: 'uploaded' | 'backuped' | 'unknown' | null
  files: ({ name: string; attempt: number; status: 'predicted' | 'confirmed'; upload: 'uploaded' | 'backed_up' | 'unknown' })[]
}

export interface Gap {
  from: string
  to: string | null
  after: number | null
  before: number | null
  reason: 'page_never_contacted' | 'page_not_loaded' | 'page_silent' | 'page_unhealthy' | 'stopped_by_agora' | 'lost_at_agora' | 'start_failed' | 'resume_failed' | 'max_recording_hour' | 'resource_expired_hour' | 'idle_exit' | 'not_highly_available' | 'capability_limit' | 'ingress_outage' | 'no_files' | 'candidate_dropped' | 'restarted' | 'stopped' | 'time_over' | null
}

export interface Standby {
  id: string
  state: 'starting' | 'loading' | 'rolling' | 'paused' | 'unhealthy' | 'recovering' | 'stopping' | 'stopped' | 'failed'
  reason: Reason | null
  attention: Attention[]
  nextAttemptAt: string | null
  gaveUp: Reason | null
  attemptCount: number
  current: { number: number; sid: string | null; startedAt: string | null; loadedAt: string | null; lastBeatAt: string | null } | null
  gaps: Gap[]
  gapsOfBoth: ({ from: string; to: string | null })[]
}

export interface Expectation {
  element?: string
  image?: string
  media?: string
  text?: string
  font?: string
  test?: string
  ready?: true
  name?: string
  timeout?: number
  optional?: boolean
  route?: string
  count?: number | [number, number]
  inView?: number
  stable?: boolean
  uncovered?: boolean
  in?: string
  static?: boolean
  hidden?: boolean
  sound?: boolean
  stall?: number
}

export interface ChannelRecording {
  id: string
  desired: 'running' | 'stopped'
  paused: boolean
  state: 'starting' | 'loading' | 'rolling' | 'paused' | 'unhealthy' | 'recovering' | 'stopping' | 'stopped' | 'failed'
  reason: Reason | null
  attention: Attention[]
  nextAttemptAt: string | null
  gaveUp: Reason | null
  gaveUpAt: string | null
  startAt: string | null
  startAhead: number
  stopAt: string | null
  maxDuration: number | null
  startsAt: string | null
  endsAt: string | null
  policy: Policy
  storage: string
  folder: string | null
  labels: Record<string, string>
  metadata: Record<string, unknown>
  createdAt: string
  updatedAt: string
  version: number
  deadlines: Record<string, string>
  attemptCount: number
  attempts: Attempt[]
  files: (({ name: string; attempt: number; status: 'predicted' | 'confirmed'; upload: 'uploaded' | 'backed_up' | 'unknown' }) & { standby: boolean })[]
  gaps: Gap[]
  pauses: ({ from: string; to: string | null })[]
  historySince: string
  standby: Standby | null
  standbyOf: string | null
  kind: 'channel'
  mode: 'mix' | 'individual'
  channel: string
  recordingConfig: Record<string, unknown>
  recordingFileConfig: Record<string, unknown> | null
  snapshotConfig: Record<string, unknown> | null
  resourceExpiredHour: number
  uidRange: { from: number; to: number } | null
  tokenUrl: string | null
  changes: { layout: { values: Record<string, unknown>; revision: number; status: 'requested' | 'applied' | 'refused' } | null; subscription: { values: Record<string, unknown>; revision: number; status: 'requested' | 'applied' | 'refused' } | null }
  waitingSince: string | null
}

export interface Problem {
  type: string
  title: string
  status: number
  code: 'malformed_json' | 'malformed_report' | 'malformed_notification' | 'invalid_http' | 'invalid_api_key' | 'invalid_token' | 'invalid_signature' | 'insufficient_scope' | 'recording_not_found' | 'delivery_not_found' | 'destination_not_found' | 'key_not_found' | 'job_not_found' | 'route_not_found' | 'notifications_off' | 'method_not_allowed' | 'request_timeout' | 'id_in_use' | 'recording_ended' | 'recording_stopped' | 'standby_command' | 'pause_unsupported' | 'uids_in_use' | 'change_unsupported' | 'no_uids_left' | 'destination_removed' | 'backup_running' | 'backup_unsupported' | 'admin_key_needed' | 'too_many_jobs' | 'wrong_sid' | 'unknown_attempt' | 'attempt_over' | 'version_conflict' | 'body_too_large' | 'unsupported_media_type' | 'expectation_failed' | 'invalid_request' | 'idempotency_key_reused' | 'too_many_requests' | 'too_many_reports' | 'headers_too_large' | 'internal_error' | 'report_not_stored' | 'too_many_waiting'
  detail: string
  errors?: { path: string; message: string }[]
}

export type RecordingRequest = PageRequest | MixRequest | IndividualRequest

export interface PageRequest {
  id?: string
  kind?: 'page'
  url: string
  video?: { width?: number; height?: number; fps?: number; bitrate?: number }
  audioProfile?: 0 | 1 | 2
  maxRecordingHour?: number
  avFileType?: ('hls' | 'mp4')[]
  expect?: (string | Expectation)[]
  media?: (string | Expectation)[]
  storage?: string
  standby?: boolean
  policy?: { confirmTimeout?: number; readyTimeout?: number; loadTimeout?: number; heartbeatInterval?: number; heartbeatTimeout?: number; unhealthyTimeout?: number; reloadGrace?: number; queryInterval?: number; failoverWindow?: number; fileTimeout?: number; onNoFiles?: 'attention' | 'restart'; restart?: { delays?: number[]; jitter?: number; maxFailures?: number; within?: number; maxNeverLoaded?: number; slowDelays?: number[]; final?: boolean; stableAfter?: number }; onStopCode?: { '1'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '2'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '3'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '4'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '5'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '6'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp' }; handOver?: 'overlap' | 'replace'; rollOverAhead?: number; fence?: boolean; onIdleExit?: 'restart' | 'wait' | 'end'; requireHa?: boolean }
  startAt?: string
  startAhead?: number
  stopAt?: string
  maxDuration?: number
  labels?: Record<string, string>
  metadata?: Record<string, unknown>
}

export interface MixRequest {
  id?: string
  kind: 'channel'
  mode: 'mix'
  channel: string
  resourceExpiredHour?: number
  uidRange?: { from: number; to: number }
  tokenUrl?: string
  recordingConfig: { subscribeAudioUids?: string[]; unsubscribeAudioUids?: string[]; unSubscribeAudioUids?: string[]; subscribeVideoUids?: string[]; unsubscribeVideoUids?: string[]; unSubscribeVideoUids?: string[]; channelType: 0 | 1; decryptionMode?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8; secret?: never; salt?: never; maxIdleTime?: number; streamTypes?: 0 | 1 | 2; videoStreamType?: 0 | 1; subscribeUidGroup?: 0 | 1 | 2 | 3 | 4 | 5; privateParams?: string; audioProfile?: 0 | 1 | 2; transcodingConfig?: { mixedVideoLayout?: 0 | 1 | 2 | 3; maxResolutionUid?: string; backgroundColor?: string; backgroundImage?: string; defaultUserBackgroundImage?: string; layoutConfig?: ({ uid?: string; x_axis: number; y_axis: number; width: number; height: number; alpha?: number; render_mode?: 0 | 1 })[]; backgroundConfig?: ({ uid: string; image_url: string; render_mode?: 0 | 1 })[]; width?: number; height?: number; fps?: 1 | 7 | 10 | 15 | 24 | 30 | 60; bitrate?: number } }
  recordingFileConfig?: { avFileType: ('hls' | 'mp4')[] }
  storage?: string
  standby?: boolean
  policy?: { confirmTimeout?: number; readyTimeout?: number; loadTimeout?: number; heartbeatInterval?: number; heartbeatTimeout?: number; unhealthyTimeout?: number; reloadGrace?: number; queryInterval?: number; failoverWindow?: number; fileTimeout?: number; onNoFiles?: 'attention' | 'restart'; restart?: { delays?: number[]; jitter?: number; maxFailures?: number; within?: number; maxNeverLoaded?: number; slowDelays?: number[]; final?: boolean; stableAfter?: number }; onStopCode?: { '1'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '2'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '3'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '4'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '5'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '6'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp' }; handOver?: 'overlap' | 'replace'; rollOverAhead?: number; fence?: boolean; onIdleExit?: 'restart' | 'wait' | 'end'; requireHa?: boolean }
  startAt?: string
  startAhead?: number
  stopAt?: string
  maxDuration?: number
  labels?: Record<string, string>
  metadata?: Record<string, unknown>
}

export interface IndividualRequest {
  id?: string
  kind: 'channel'
  mode: 'individual'
  channel: string
  resourceExpiredHour?: number
  uidRange?: { from: number; to: number }
  tokenUrl?: string
  recordingConfig: { subscribeAudioUids?: string[]; unsubscribeAudioUids?: string[]; unSubscribeAudioUids?: string[]; subscribeVideoUids?: string[]; unsubscribeVideoUids?: string[]; unSubscribeVideoUids?: string[]; channelType: 0 | 1; decryptionMode?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8; secret?: never; salt?: never; maxIdleTime?: number; streamTypes?: 0 | 1 | 2; videoStreamType?: 0 | 1; subscribeUidGroup?: 0 | 1 | 2 | 3 | 4 | 5; privateParams?: string; streamMode?: 'default' | 'standard' | 'original' }
  recordingFileConfig?: { avFileType: 'hls'[] }
  snapshotConfig?: { captureInterval?: number; fileType: 'jpg'[] }
  storage?: string
  standby?: boolean
  policy?: { confirmTimeout?: number; readyTimeout?: number; loadTimeout?: number; heartbeatInterval?: number; heartbeatTimeout?: number; unhealthyTimeout?: number; reloadGrace?: number; queryInterval?: number; failoverWindow?: number; fileTimeout?: number; onNoFiles?: 'attention' | 'restart'; restart?: { delays?: number[]; jitter?: number; maxFailures?: number; within?: number; maxNeverLoaded?: number; slowDelays?: number[]; final?: boolean; stableAfter?: number }; onStopCode?: { '1'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '2'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '3'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '4'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '5'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '6'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp' }; handOver?: 'overlap' | 'replace'; rollOverAhead?: number; fence?: boolean; onIdleExit?: 'restart' | 'wait' | 'end'; requireHa?: boolean }
  startAt?: string
  startAhead?: number
  stopAt?: string
  maxDuration?: number
  labels?: Record<string, string>
  metadata?: Record<string, unknown>
}

export interface RecordingSummary {
  id: string
  kind: 'page' | 'channel'
  desired: 'running' | 'stopped'
  paused: boolean
  state: 'starting' | 'loading' | 'rolling' | 'paused' | 'unhealthy' | 'recovering' | 'stopping' | 'stopped' | 'failed'
  reason: 'page_never_contacted' | 'page_not_loaded' | 'page_silent' | 'page_unhealthy' | 'stopped_by_agora' | 'lost_at_agora' | 'start_failed' | 'resume_failed' | 'max_recording_hour' | 'resource_expired_hour' | 'idle_exit' | 'not_highly_available' | 'capability_limit' | 'ingress_outage' | 'no_files' | 'candidate_dropped' | 'restarted' | 'stopped' | 'time_over' | null
  attention: ('slow_retries' | 'agora_refuses_account' | 'agora_unreachable' | 'storage_unavailable' | 'no_files' | 'upload_failing' | 'uploads_backuped' | 'two_documents' | 'reports_not_received' | 'token_unavailable' | 'short_idle_time' | 'frequent_idle_exits' | 'nothing_received' | 'change_refused')[]
  nextAttemptAt: string | null
  gaveUp: 'page_never_contacted' | 'page_not_loaded' | 'page_silent' | 'page_unhealthy' | 'stopped_by_agora' | 'lost_at_agora' | 'start_failed' | 'resume_failed' | 'max_recording_hour' | 'resource_expired_hour' | 'idle_exit' | 'not_highly_available' | 'capability_limit' | 'ingress_outage' | 'no_files' | 'candidate_dropped' | 'restarted' | 'stopped' | 'time_over' | null
  url: string | null
  channel: string | null
  labels: Record<string, string>
  metadata: Record<string, unknown>
  createdAt: string
  attemptCount: number
  current: { number: number; sid: string | null; startedAt: string | null; loadedAt: string | null; lastBeatAt: string | null } | null
  standby: 'starting' | 'loading' | 'rolling' | 'paused' | 'unhealthy' | 'recovering' | 'stopping' | 'stopped' | 'failed' | null
}

export interface TimelineEntry {
  id: number
  at: string
  code: string
  attempt: number | null
  message: string
  evidence: Record<string, unknown>
}

export interface HourlyStatistics {
  attempt: number
  /** When the hour began */
  hour: string
  /** Number of reports stored; a repeated report counts once */
  reports: number
  /** Number of these reports that had failed checks after the page had loaded */
  unhealthy: number
  /** Number of reports that the page made and that did not arrive */
  missed: number
  /** Largest number of script errors that one document had reported */
  errors: number
  /** Largest number of files that one document could not load */
  failed: number
  /** Largest delay of the page's timer, in milliseconds */
  lateMax: number
  /** Number of heartbeats of a visible page that had painted nothing since the report before */
  blank: number
}

export interface RecordingChanges {
  policy?: { confirmTimeout?: number; readyTimeout?: number; loadTimeout?: number; heartbeatInterval?: number; heartbeatTimeout?: number; unhealthyTimeout?: number; reloadGrace?: number; queryInterval?: number; failoverWindow?: number; fileTimeout?: number; onNoFiles?: 'attention' | 'restart'; restart?: { delays?: number[]; jitter?: number; maxFailures?: number; within?: number; maxNeverLoaded?: number; slowDelays?: number[]; final?: boolean; stableAfter?: number }; onStopCode?: { '1'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '2'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '3'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '4'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '5'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp'; '6'?: 'rollOver' | 'restart' | 'restartOnce' | 'giveUp' }; handOver?: 'overlap' | 'replace'; rollOverAhead?: number; fence?: boolean; onIdleExit?: 'restart' | 'wait' | 'end'; requireHa?: boolean }
  startAt?: string | null
  startAhead?: number
  stopAt?: string | null
  maxDuration?: number | null
  labels?: Record<string, string>
  metadata?: Record<string, unknown>
  expect?: (string | Expectation)[]
  media?: (string | Expectation)[]
  layout?: { mixedVideoLayout?: 0 | 1 | 2 | 3; maxResolutionUid?: string; backgroundColor?: string; backgroundImage?: string; defaultUserBackgroundImage?: string; layoutConfig?: ({ uid?: string; x_axis: number; y_axis: number; width: number; height: number; alpha?: number; render_mode?: 0 | 1 })[]; backgroundConfig?: ({ uid: string; image_url: string; render_mode?: 0 | 1 })[] }
  subscription?: { audioUidList?: { subscribeAudioUids?: string[]; unsubscribeAudioUids?: string[]; unSubscribeAudioUids?: string[] }; videoUidList?: { subscribeVideoUids?: string[]; unsubscribeVideoUids?: string[]; unSubscribeVideoUids?: string[] } }
}

export interface DeliverySummary {
  /** The header `webhook-id` */
  id: string
  destination: string
  recording: string | null
  sequence: number
  type: string
  state: 'pending' | 'delivered' | 'failed'
  createdAt: string
  queuedAt: string
  redelivered: boolean
  tries: number
  endedAt: string | null
  lastTry: DeliveryTry | null
}

export interface DeliveryTry {
  at: string
  /** Until the answer, or until it failed */
  durationMs: number
  /** The answer's status; null without an answer */
  status: number | null
  /** The first 1024 bytes of the answer */
  answer: string | null
  /** Why it does not count as delivered */
  error: string | null
}

export interface Delivery {
  /** The header `webhook-id` */
  id: string
  destination: string
  recording: string | null
  sequence: number
  type: string
  state: 'pending' | 'delivered' | 'failed'
  createdAt: string
  queuedAt: string
  redelivered: boolean
  tries: number
  endedAt: string | null
  lastTry: DeliveryTry | null
  body: Record<string, unknown>
}

export interface RedeliverRequest {
  destination: string
  /** Only those that were written then or later */
  since: string
}

export interface TestRequest {
  destination: string
}

export interface Destination {
  name: string
  preset: 'standard' | 'slack' | 'pagerduty' | 'apprise'
  origin: string
  types: string[]
  state: 'up' | 'down' | 'paused'
  pausedAt: string | null
  failingSince: string | null
  pending: number
  failed: number
  oldestQueuedAt: string | null
}

export interface Key {
  id: string
  name: string
  scope: 'read' | 'write' | 'admin'
  createdAt: string
  lastUsedAt: string | null
  revokedAt: string | null
}

export interface NewKey {
  id: string
  name: string
  scope: 'read' | 'write' | 'admin'
  createdAt: string
  lastUsedAt: string | null
  revokedAt: string | null
  secret: string
}

export interface KeyRequest {
  /** For people: which program has the key */
  name: string
  /** `read` may get everything but keys; `write` may also start, change and stop recordings; `admin` may do everything */
  scope: 'read' | 'write' | 'admin'
}

export interface Summary {
  states: { starting: number; loading: number; rolling: number; paused: number; unhealthy: number; recovering: number; stopping: number; stopped: number; failed: number }
  attention: { slow_retries: number; agora_refuses_account: number; agora_unreachable: number; storage_unavailable: number; no_files: number; upload_failing: number; uploads_backuped: number; two_documents: number; reports_not_received: number; token_unavailable: number; short_idle_time: number; frequent_idle_exits: number; nothing_received: number; change_refused: number }
  oldestProblem: { id: string; since: string; state: 'unhealthy' | 'recovering' | 'failed' | null; attention: 'slow_retries' | 'agora_refuses_account' | 'agora_unreachable' | 'storage_unavailable' | 'no_files' | 'upload_failing' | 'uploads_backuped' | 'two_documents' | 'reports_not_received' | 'token_unavailable' | 'short_idle_time' | 'frequent_idle_exits' | 'nothing_received' | 'change_refused' | null } | null
}

export interface Event {
  id: number
  at: string
  code: string
  recording: { id: string; kind: 'page' | 'channel'; labels: Record<string, string>; state: 'starting' | 'loading' | 'rolling' | 'paused' | 'unhealthy' | 'recovering' | 'stopping' | 'stopped' | 'failed' }
  attempt: number | null
  message: string
  evidence: Record<string, unknown>
}

export interface EventGap {
  /** Events up to this id may be missing */
  after: number
}

export interface Job {
  id: string
  action: 'stop' | 'pause' | 'resume' | 'restart'
  state: 'running' | 'done' | 'cancelled'
  /** How many recordings it is for */
  total: number
  /** How many were commanded */
  done: number
  /** How many could not be commanded */
  failedCount: number
  createdAt: string
  endedAt: string | null
  /** The first 100 that could not be commanded, and why */
  failed: { id: string; problem: { code: string; detail: string } }[]
}

export interface JobRequest {
  /** With it, the same request can be sent again */
  id?: string
  action: 'stop' | 'pause' | 'resume' | 'restart'
  /** Of these recordings */
  ids?: string[]
  filter?: JobFilter
  /** In place of a filter: of all recordings that are not stopped */
  all?: true
}

/** Of those that meet the filter now. Without `state`, not of stopped ones */
export interface JobFilter {
  state?: ('starting' | 'loading' | 'rolling' | 'paused' | 'unhealthy' | 'recovering' | 'stopping' | 'stopped' | 'failed')[]
  kind?: 'page' | 'channel'
  attention?: boolean
  q?: string
  labels?: Record<string, string>
}

export interface JobSummary {
  id: string
  action: 'stop' | 'pause' | 'resume' | 'restart'
  state: 'running' | 'done' | 'cancelled'
  /** How many recordings it is for */
  total: number
  /** How many were commanded */
  done: number
  /** How many could not be commanded */
  failedCount: number
  createdAt: string
  endedAt: string | null
}

/** The body of each type of delivery. */
export interface DeliveryBodies {
  'recording.created': RecordingCreated
  'recording.rolling': RecordingRolling
  'recording.unhealthy': RecordingUnhealthy
  'recording.recovering': RecordingRecovering
  'recording.attempt_failed': RecordingAttemptFailed
  'recording.restarted': RecordingRestarted
  'recording.rolled_over': RecordingRolledOver
  'recording.paused': RecordingPaused
  'recording.resumed': RecordingResumed
  'recording.stopped': RecordingStopped
  'recording.failed': RecordingFailed
  'recording.attention_raised': RecordingAttentionRaised
  'recording.attention_cleared': RecordingAttentionCleared
  'recording.files_added': RecordingFilesAdded
  'page.note': PageNote
  'supervisor.paused': SupervisorPaused
  'supervisor.resumed': SupervisorResumed
  'delivery.exhausted': DeliveryExhausted
  'delivery.recovered': DeliveryRecovered
  'delivery.test': DeliveryTest
}
