import type { ChannelTask } from './channelTasks.ts'
import type { UploadingStatus, Uploads } from './taskOutput.ts'

/** A task at Agora as it really is, whether or not the reporter knows it. */
export interface Task {
  sid: string
  resourceId: string
  cname: string
  uid: string
  /** Of the reporter, from the prefix of the files. */
  recordingId: string
  attempt: number
  startedAt: number
  maxRecordingHour: number
  readyTimeout: number
  /** Null for a page. */
  channel: ChannelTask | null
  /** From then on every query, update and stop is answered 404. */
  expiresAt: number
  /** Where Agora runs it. */
  region: string
  ended: { at: number /** What queries answer for a while, before 404. */; status: number | null } | null
  /** The page is open, and Agora writes nothing. */
  onhold: boolean
  /** Every request is answered 404 until then. */
  failingOverUntil: number | null
  /** What queries answer in place of the task's own status. */
  unsettledStatus: number | null
  /** The recorder has written a playlist. */
  hasFiles: boolean
  /** Agora lists no file, whatever it has written. */
  hidesFiles: boolean
  /** Agora notifies each minute how the uploads go: only of tasks of which that is news. */
  reportsUploads: boolean
  /** By the uid of the session; absent as long as it works. */
  uploads: Map<string, Uploads>
  /** The uid in notifications: after a failover it is a new one. */
  notifiedUid: string
  sequence: number
}

/** What Agora answers, before the network interferes. */
export interface Reply {
  status: number
  code?: number
  resourceId?: string
  sid?: string
  /** The `status` of a query's serverResponse. */
  state?: number
  onhold?: boolean
  /** The names that the answer lists. */
  files?: string[]
  /** Of a stop. */
  uploadingStatus?: UploadingStatus
}

export interface Request {
  cname?: string
  uid?: string
  recordingId?: string
  attempt?: number
  resourceId?: string
  sid?: string
  maxRecordingHour?: number
  readyTimeout?: number
  onhold?: boolean
  resourceExpiredHour?: number
  excludeResourceIds?: string[]
  /** Of the start of a task that records a channel. */
  channel?: Pick<ChannelTask, 'mode' | 'maxIdleTime'>
  /** What the start or an update of such a task brings: the value tells one change from another. */
  layout?: string
  subscription?: string
}

/** What Agora notifies about a task: the event's number, and fields of its `details`. */
export interface AgoraEvent {
  eventType: number
  code?: number
  newUid?: string
  module?: number
  errorLevel?: number
  status?: number
  progress?: number
  detail?: string
  files?: string[]
  leaveCode?: number
  streamUid?: string
  state?: number
}

export const isRunning = ({ ended }: Task): boolean => ended === null
