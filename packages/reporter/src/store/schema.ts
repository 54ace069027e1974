import type { Generated } from 'kysely'

/** One schema for SQLite and PostgreSQL: times are milliseconds in integers, JSON is text, no booleans. */
export interface Database {
  recordings: RecordingsTable
  attempts: AttemptsTable
  timeline: TimelineTable
  effects: EffectsTable
  notifications: NotificationsTable
  last_heartbeats: LastHeartbeatsTable
  roll_ups: RollUpsTable
  ticks: TicksTable
  downtimes: DowntimesTable
  labels: LabelsTable
  attention: AttentionTable
  deliveries: DeliveriesTable
  delivery_queues: DeliveryQueuesTable
  destinations: DestinationsTable
  delivery_causes: DeliveryCausesTable
  api_keys: ApiKeysTable
  idempotency_keys: IdempotencyKeysTable
  jobs: JobsTable
  job_items: JobItemsTable
}

/** `version` fences every write. */
export interface RecordingsTable {
  id: string
  version: number
  state: string
  /** The earliest deadline; null if there is none. */
  due_at: number | null
  created_at: number
  updated_at: number
  /** JSON of `RecordingRequest`. */
  request: string
  /** JSON of `Recording`, with the version of its form (upcast.ts). */
  body: string
  /** Agora's channel name. It never changes, and `uid_base` is unique within it. */
  cname: string
  /** Attempt n has the uid `uid_base + n`. */
  uid_base: number
  /** The id of the recording that this one is the standby of; null for any other. */
  standby_of: string | null
  kind: Generated<string>
  /** When it reached its state. */
  state_since: Generated<number>
  /** Until when Agora may run an orphaned attempt; null if it runs none. */
  runs_until: Generated<number | null>
}

/** Of the requests, to find recordings by. Standbys have no rows. */
export interface LabelsTable {
  recording_id: string
  name: string
  value: string
}

/** What is in the recordings' bodies, to find and count recordings by. */
export interface AttentionTable {
  recording_id: string
  code: string
  since: number
  /** The recording itself or, if it is a standby, the one that it is the standby of. */
  main_id: string
}

/**
 * All attempts. Notifications find them by sid, or by uid while the sid is unknown. The recording's body holds those that
 * have not settled, and what it holds is valid, whatever the row says.
 */
export interface AttemptsTable {
  recording_id: string
  number: number
  uid: string
  sid: string | null
  /** The attempt as JSON, as it was when it settled; null before. */
  settled: string | null
  /** 1 if the settled attempt matters for the recording's files or gaps: its page loaded, or it has files. */
  recorded: Generated<number>
}

export interface TimelineTable {
  id: Generated<number>
  recording_id: string
  at: number
  code: string
  attempt: number | null
  message: string
  evidence: string
}

/** Written in the transaction of the decision, deleted in the transaction that stores the outcome. */
export interface EffectsTable {
  id: Generated<number>
  recording_id: string
  kind: string
  attempt: number
  created_at: number
  /** End of the lease; 0 if the effect is unclaimed. */
  claimed_until: number
}

/** Handled notifications. Agora repeats them, with the same `noticeId` or the same `sequence`. */
export interface NotificationsTable {
  notice_id: string
  sid: string
  uid: string
  event_type: number
  sequence: number | null
  received_at: number
}

/** Flushed from memory in batches. */
export interface LastHeartbeatsTable {
  recording_id: string
  attempt: number
  page: string
  seq: number
  at: number
}

/** Hourly statistics, added from memory once a minute. */
export interface RollUpsTable {
  recording_id: string
  attempt: number
  /** Start of the hour. */
  hour: number
  reports: number
  unhealthy: number
  missed: number
  errors: number
  failed: number
  late_max: number
  blank: number
}

/** A single row: when a reporter last ran. */
export interface TicksTable {
  id: number
  at: number
}

/** At most one row: the downtimes so far, added up. */
export interface DowntimesTable {
  id: number
  count: number
  downtime_ms: number
  clock_step_back_ms: number
  /** When the last one ended. */
  ended_at: number
}

/** Written in the transaction of the decision. One row for each destination. */
export interface DeliveriesTable {
  position: Generated<number>
  /** The `webhook-id`. */
  id: string
  destination: string
  /** Or `NO_RECORDING` or `TESTS`. */
  recording_id: string
  /** Consecutive within the queue. */
  sequence: number
  type: string
  state: string
  /** JSON, without the sequence. */
  body: string
  created_at: number
  /** When it was written or, if a person had it sent again, then. */
  queued_at: number
  /** 1 if a person had it sent again. */
  redelivered: Generated<number>
  /** Since it was queued. */
  tries: Generated<number>
  first_tried_at: number | null
  ended_at: number | null
  /** JSON of `DeliveryTry`. */
  last_try: string | null
}

/** One recording's deliveries to one destination. */
export interface DeliveryQueuesTable {
  recording_id: string
  destination: string
  last_sequence: number
  /** When the first pending delivery may be sent; null if there is none. */
  due_at: number | null
  /** 1 if the first pending delivery was sent before. */
  retrying: Generated<number>
  /** End of the lease; 0 if the queue is unclaimed. */
  claimed_until: Generated<number>
}

/** What is stored of a destination. Without a row it is neither paused nor failing. */
export interface DestinationsTable {
  name: string
  paused_at: number | null
  /** When a delivery was given up; null once another one was delivered. */
  failing_since: number | null
}

/** What a destination that is sent one message for each cause has been sent, and for which recordings it still holds. */
export interface DeliveryCausesTable {
  recording_id: string
  destination: string
  cause: string
}

/** API keys that were made over the API. Revoked ones are kept for a while. */
export interface ApiKeysTable {
  id: string
  name: string
  scope: string
  /** SHA-256 of the secret, in hexadecimal digits. */
  hash: string
  created_at: number
  /** At most a minute before the last use. */
  last_used_at: number | null
  revoked_at: number | null
}

/** Which recording each `Idempotency-Key` has created. */
export interface IdempotencyKeysTable {
  key: string
  /** SHA-256 of the request's body. */
  request_hash: string
  recording_id: string
  created_at: number
}

/** Commands to many recordings. */
export interface JobsTable {
  position: Generated<number>
  id: string
  action: string
  /** JSON of the request. */
  request: string
  state: string
  total: number
  done: Generated<number>
  failed: Generated<number>
  created_at: number
  ended_at: number | null
}

/** The recordings of a job that wait for their command, or whose command has failed. */
export interface JobItemsTable {
  job_id: string
  position: number
  recording_id: string
  /** JSON of `JobProblem`; null while it waits. */
  problem: string | null
}
