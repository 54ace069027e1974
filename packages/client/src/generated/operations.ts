// Generated from packages/reporter/openapi.json by packages/client/generate.ts. Do not edit.

import type { CallOptions, Pages } from '../types.ts'
import type {
  Readiness,
  Recording,
  Attempt,
  RecordingRequest,
  RecordingSummary,
  TimelineEntry,
  HourlyStatistics,
  RecordingChanges,
  DeliverySummary,
  Delivery,
  RedeliverRequest,
  TestRequest,
  Destination,
  Key,
  NewKey,
  KeyRequest,
  Summary,
  Event,
  EventGap,
  Job,
  JobRequest,
  JobSummary,
} from './schemas.ts'

export interface ListRecordingsQuery {
  /** With all of these labels, as `{ course: '7b' }` */
  labels?: Record<string, string>
  /** In any of these states: `state=rolling&state=unhealthy` */
  state?: ('starting' | 'loading' | 'rolling' | 'paused' | 'unhealthy' | 'recovering' | 'stopping' | 'stopped' | 'failed')[]
  kind?: 'page' | 'channel'
  /** Whether a person should look at the recording or at its standby */
  attention?: 'true' | 'false'
  /** What the id begins with, or a label's value contains */
  q?: string
  limit?: number
  /** The `next` of the previous page */
  before?: string
}

export interface GetRecordingQuery {
  /** Answer when the recording is in one of these states, can reach none of them any more, or `timeout` is over: `waitFor=rolling,failed` */
  waitFor?: ('starting' | 'loading' | 'rolling' | 'paused' | 'unhealthy' | 'recovering' | 'stopping' | 'stopped' | 'failed')[]
  /** Seconds to wait at most; only with `waitFor` */
  timeout?: number
}

export interface ListAttemptsQuery {
  /** The `next` of the previous page: only attempts with lower numbers */
  before?: number
  limit?: number
}

export interface ListTimelineEntriesQuery {
  /** The `next` of the previous page */
  after?: number
  limit?: number
}

export interface ListDeliveriesQuery {
  destination?: string
  state?: 'pending' | 'delivered' | 'failed'
  /** The id of a recording */
  recording?: string
  type?: string
  /** Written then or later */
  since?: string
  /** The `next` of the previous page */
  before?: number
  limit?: number
}

export interface FollowEventsQuery {
  /** With all of these labels, as `{ course: '7b' }` */
  labels?: Record<string, string>
  /** Begin after the event with this id, with 0 at the oldest one. The header Last-Event-ID counts instead if it is there */
  from?: string
  /** Only of the recording with this id, and of its standby */
  recording?: string
  /** Only of recordings that are in one of these states when the event is sent */
  state?: ('starting' | 'loading' | 'rolling' | 'paused' | 'unhealthy' | 'recovering' | 'stopping' | 'stopped' | 'failed')[]
  kind?: 'page' | 'channel'
  /** Only with one of these codes: `code=recording.rolling&code=attempt.failed` */
  code?: ('recording.created' | 'recording.begun' | 'recording.rolling' | 'recording.gave_up' | 'recording.recovered' | 'recording.restart_requested' | 'recording.pause_requested' | 'recording.resume_requested' | 'recording.waiting' | 'recording.changed' | 'recording.change_requested' | 'channel.joined' | 'recording.stop_requested' | 'recording.time_over' | 'recording.stopped' | 'recording.failed' | 'candidate.started' | 'candidate.assigned' | 'candidate.promoted' | 'candidate.dropped' | 'attempt.requested' | 'attempt.postponed' | 'attempt.unknown' | 'attempt.started' | 'attempt.sid_conflict' | 'attempt.confirmed' | 'attempt.ha_registered' | 'attempt.paused' | 'attempt.resumed' | 'attempt.changed' | 'attempt.change_refused' | 'attempt.update_unconfirmed' | 'attempt.failed' | 'attempt.rolled_over' | 'attempt.idle_exit' | 'attempt.stop_unconfirmed' | 'attempt.orphaned' | 'attempt.ended' | 'attempt.no_files' | 'attempt.upload_failed' | 'attempt.backed_up' | 'attempt.uploaded' | 'page.hello' | 'page.loaded' | 'page.reloaded' | 'page.bye' | 'page.check_failed' | 'page.recovered' | 'page.warned' | 'page.error' | 'page.silent' | 'page.silent_in_outage' | 'page.returned' | 'page.never_contacted' | 'page.superseded' | 'page.token_refused' | 'agora.unclear' | 'agora.not_found' | 'agora.pause_differs' | 'agora.failover' | 'agora.former_session' | 'agora.recorder_left' | 'agora.fatal_error' | 'agora.notifications_missed' | 'agora.reload' | 'retry.scheduled' | 'attention.raised' | 'attention.cleared' | 'timeline.repeated' | 'reporter.returned')[]
}

export interface ListJobsQuery {
  /** The `next` of the previous page */
  before?: number
  limit?: number
}

/** A method for each operation of the reporter. */
export interface Operations {
  /**
   * Whether the process runs.
   *
   * For the liveness probe of an orchestrator: the process and its event loop run. Nothing else is checked.
   */
  getLiveness(options?: CallOptions): Promise<{ status: 'ok' }>

  /**
   * Whether recordings are supervised.
   *
   * For load balancers and monitoring, check by check. It is never unavailable because of Agora.
   */
  getReadiness(options?: CallOptions): Promise<Readiness>

  /**
   * Start a recording.
   *
   * It is answered before Agora has started anything. The same body again changes nothing, so that a request whose answer was lost can be sent again, if it has an `id` or an `Idempotency-Key`. The recording is supervised, and recorded again when it fails, until it is stopped.
   *
   * The key needs the scope `write`.
   */
  startRecording(body: RecordingRequest, options?: CallOptions & { idempotencyKey?: string }): Promise<Recording>

  /**
   * List recordings, newest first.
   *
   * Standbys are left out: each is with its recording. Filters narrow each other. `next` is the cursor of the next page, and holds although recordings are removed meanwhile.
   */
  listRecordings(query?: ListRecordingsQuery, options?: CallOptions): Pages<RecordingSummary, string>

  /**
   * Read a recording, now or when it has reached a state.
   *
   * With its state and the reason for it, its files, and the gaps between them. A standby is read by its own id, `<id>~standby`.
   */
  getRecording(id: string, query?: GetRecordingQuery, options?: CallOptions): Promise<Recording>

  /**
   * Change a recording.
   *
   * Its policy, labels, metadata, expectations, layout or subscription are changed while it runs. The same values again change nothing. Each attempt that follows starts with them.
   *
   * The key needs the scope `write`.
   */
  changeRecording(id: string, body: RecordingChanges, options?: CallOptions & { ifMatch?: string }): Promise<Recording>

  /**
   * List all attempts of a recording, newest first.
   *
   * A recording shows its latest attempts only.
   */
  listAttempts(id: string, query?: ListAttemptsQuery, options?: CallOptions): Pages<Attempt, number>

  /**
   * List the timeline of a recording, oldest first.
   *
   * What happened to the recording and why, with the facts behind each decision.
   */
  listTimelineEntries(id: string, query?: ListTimelineEntriesQuery, options?: CallOptions): Pages<TimelineEntry, number>

  /**
   * List hourly statistics of a recording, oldest first.
   *
   * The reports of a recording's pages, added up by attempt and hour. They are at most a minute old.
   */
  listHourlyStatistics(id: string, options?: CallOptions): Promise<{ items: HourlyStatistics[] }>

  /**
   * Stop a recording.
   *
   * It is stopped permanently, and its standby with it. Idempotent.
   *
   * The key needs the scope `write`.
   */
  stopRecording(id: string, options?: CallOptions): Promise<Recording>

  /**
   * Start a new attempt now.
   *
   * Earlier failures are forgotten. Each call makes another attempt.
   *
   * The key needs the scope `write`.
   */
  restartRecording(id: string, options?: CallOptions): Promise<Recording>

  /**
   * Pause a page's recording.
   *
   * Agora keeps the page open and writes nothing. A channel cannot be paused. Idempotent.
   *
   * The key needs the scope `write`.
   */
  pauseRecording(id: string, options?: CallOptions): Promise<Recording>

  /**
   * Resume a recording.
   *
   * Agora writes again, or the next attempt of a channel that was empty is made. Idempotent.
   *
   * The key needs the scope `write`.
   */
  resumeRecording(id: string, options?: CallOptions): Promise<Recording>

  /**
   * List deliveries, newest first.
   *
   * What the reporter has sent, or will send, to business servers and people.
   */
  listDeliveries(query?: ListDeliveriesQuery, options?: CallOptions): Pages<DeliverySummary, number>

  /**
   * Read a delivery.
   *
   * With its body, and the answer to its last try.
   */
  getDelivery(id: string, options?: CallOptions): Promise<Delivery>

  /**
   * Send a delivery again.
   *
   * Whether or not it was delivered. It keeps its id, its body and its sequence.
   *
   * The key needs the scope `admin`.
   */
  redeliver(id: string, options?: CallOptions): Promise<Delivery>

  /**
   * Send failed deliveries again.
   *
   * All deliveries to the destination that failed and were written since a time are queued again, each once.
   *
   * The key needs the scope `admin`.
   */
  redeliverFailed(body: RedeliverRequest, options?: CallOptions): Promise<{ count: number }>

  /**
   * Send a test to a destination.
   *
   * It is sent once, whatever waits. If it is accepted, what waits is tried.
   *
   * The key needs the scope `admin`.
   */
  sendTestDelivery(body: TestRequest, options?: CallOptions): Promise<Delivery>

  /**
   * List destinations.
   *
   * Those that `DELIVERIES` configures, with what waits for them. Their secrets are not shown.
   */
  listDestinations(options?: CallOptions): Promise<{ items: Destination[] }>

  /**
   * Pause a destination.
   *
   * Nothing is sent to it until it is resumed: deliveries wait. Idempotent.
   *
   * The key needs the scope `admin`.
   */
  pauseDestination(name: string, options?: CallOptions): Promise<Destination>

  /**
   * Resume a destination.
   *
   * Deliveries are sent to it again, beginning with what waits. Idempotent.
   *
   * The key needs the scope `admin`.
   */
  resumeDestination(name: string, options?: CallOptions): Promise<Destination>

  /**
   * List the API keys.
   *
   * Those that were made over the API, the oldest first, and revoked ones as long as `RETENTION_DAYS` say. Their secrets are not stored. Those of the configuration are not listed.
   *
   * The key needs the scope `admin`.
   */
  listKeys(options?: CallOptions): Promise<{ items: Key[] }>

  /**
   * Make an API key.
   *
   * The answer has its `secret`, which is sent as `Authorization: Bearer <secret>` and shown only once. Once there is a key, requests of the machine of the reporter need one as well.
   *
   * The key needs the scope `admin`.
   */
  createKey(body: KeyRequest, options?: CallOptions): Promise<NewKey>

  /**
   * Revoke an API key.
   *
   * Requests with it are answered 401 from then on, by another process on the same database within 5 seconds. Idempotent.
   *
   * The key needs the scope `admin`.
   */
  revokeKey(id: string, options?: CallOptions): Promise<Key>

  /**
   * Count recordings, and name the oldest problem.
   *
   * Recordings are counted by state and by attention. `oldestProblem` is null if all is well.
   */
  getSummary(options?: CallOptions): Promise<Summary>

  /**
   * Follow what happens to the recordings as server-sent events.
   *
   * Each timeline entry of each recording is an event, whose `id` is that of the entry. The stream ends after about an hour; with the last id in the header Last-Event-ID the next one goes on exactly there.
   */
  followEvents(query?: FollowEventsQuery, options?: CallOptions & { lastEventId?: string }): AsyncGenerator<Event | EventGap, never>

  /**
   * Command many recordings.
   *
   * Stops, pauses, resumes or restarts recordings, as the single commands do, in the background: at most 100 a second. Recordings that cannot be commanded are listed as `failed`, and the job goes on. With an `id` the request can be sent again.
   *
   * The key needs the scope `write`.
   */
  createJob(body: JobRequest, options?: CallOptions): Promise<Job>

  /**
   * List jobs, newest first.
   *
   * Jobs are kept as long as recordings are after their end.
   */
  listJobs(query?: ListJobsQuery, options?: CallOptions): Pages<JobSummary, number>

  /**
   * Read how far a job is.
   *
   * With the recordings that could not be commanded, and why.
   */
  getJob(id: string, options?: CallOptions): Promise<Job>

  /**
   * Cancel a job.
   *
   * What it has not commanded yet is left as it is. Idempotent; a job that is done stays so.
   *
   * The key needs the scope `write`.
   */
  cancelJob(id: string, options?: CallOptions): Promise<Job>

  /**
   * Back up the database.
   *
   * The database is copied while it is in use, and sent as one SQLite file. A database in PostgreSQL is not: use pg_dump.
   *
   * The key needs the scope `admin`.
   */
  createBackup(options?: CallOptions): Promise<Response>
}
