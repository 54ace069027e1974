import type { Generated } from 'kysely'

/** One schema for SQLite and PostgreSQL: times are milliseconds in integers, JSON is text, no booleans. */
export interface Database {
  recordings: RecordingsTable
  attempts: AttemptsTable
  timeline: TimelineTable
  effects: EffectsTable
  notifications: NotificationsTable
  beats: LastHeartbeatsTable
  roll_ups: RollUpsTable
  ticks: TicksTable
}

/** A recording as the supervisor knows it. `version` fences every write. */
export interface RecordingsTable {
  id: string
  version: number
  state: string
  /** The earliest deadline; null when nothing is waited for. */
  due_at: number | null
  created_at: number
  updated_at: number
  /** RecordingRequest, JSON: what the user asked for. */
  request: string
  /** Recording, JSON: what the supervisor made of it. */
  body: string
}

/** Where to look when a notification comes: sid, or uid while the sid is unknown. */
export interface AttemptsTable {
  recording_id: string
  number: number
  uid: string
  sid: string | null
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

/** What is to be done, written with the decision that wants it, deleted with the signal of its outcome. */
export interface EffectsTable {
  id: Generated<number>
  recording_id: string
  kind: string
  attempt: number
  created_at: number
  /** Nobody else takes it before; 0: free. */
  claimed_until: number
}

/** Notifications that were acted on. Agora repeats them, with the same `noticeId` or the same `sequence`. */
export interface NotificationsTable {
  notice_id: string
  sid: string
  uid: string
  event_type: number
  sequence: number | null
  received_at: number
}

/** The last heartbeat of a recording's live attempt, flushed from memory in batches. */
export interface LastHeartbeatsTable {
  recording_id: string
  attempt: number
  page: string
  seq: number
  at: number
}

/** What the reports of an attempt's page said within an hour, added up from memory once a minute. */
export interface RollUpsTable {
  recording_id: string
  attempt: number
  /** When it began. */
  hour: number
  reports: number
  unhealthy: number
  missed: number
  errors: number
  failed: number
  late_max: number
  blank: number
}

/** One row: when a reporter last ran. */
export interface TicksTable {
  id: number
  at: number
}
