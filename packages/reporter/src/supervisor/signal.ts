import type { Policy } from './policy.ts'
import type { Evidence, FailedCheck, Revisions, Schedule, Time, UploadingStatus } from './recording.ts'

/** Anything the supervisor learns. `attempt` is the attempt's number. */
export type Signal =
  | { type: 'created' }
  /** `tokenExpiresAt`: when the token that the start is sent with expires. */
  | { type: 'acquired'; attempt: number; resourceId: string; tokenExpiresAt?: Time }
  /**
   * `resourceId` is the resource whose start went through, not necessarily the one acquired last. A start that an earlier
   * process sent as well has another token: `tokenExpiresAt` is that of this process's.
   */
  | { type: 'started'; attempt: number; sid: string; resourceId: string; tokenExpiresAt?: Time }
  /** The attempt may be running, but its sid is unknown: the answer was lost, or Agora said that it already runs. */
  | {
      type: 'startUnknown'
      attempt: number
      resourceId: string
      tokenExpiresAt?: Time
      trouble?: StartTrouble
      message: string
      evidence: Evidence
    }
  | {
      type: 'startFailed'
      attempt: number
      failure: StartFailure
      trouble?: StartTrouble
      message: string
      evidence: Evidence
    }
  /** `resourceId` is the resource under which Agora found the sid, if it did. */
  | { type: 'queried'; attempt: number; answer: QueryAnswer; resourceId?: string }
  /**
   * `sid` is the task to be stopped; `resourceId` the resource under which Agora stopped it, if it was running, and
   * `uploadingStatus` and `files` what it answered then.
   */
  | {
      type: 'stopAnswered'
      attempt: number
      sid?: string
      outcome: StopOutcome
      evidence: Evidence
      resourceId?: string
      uploadingStatus?: UploadingStatus
      files?: string[]
    }
  /** `sent` is what was requested of Agora. */
  | { type: 'updateAnswered'; attempt: number; sent: SentUpdate; outcome: UpdateOutcome; evidence: Evidence }
  | { type: 'report'; attempt: number; report: PageReport }
  | { type: 'notification'; attempt: number; notification: TaskNotification }
  /** A report named this attempt, but its token was not signed with a known secret. Anyone may have sent it. */
  | { type: 'tokenRefused'; attempt: number }
  | { type: 'stop' }
  | { type: 'restart' }
  | { type: 'pause' }
  | { type: 'resume' }
  | ({ type: 'changed' } & RequestedChange)
  /** A user has joined the recording's channel. */
  | { type: 'joined'; uid: string }
  /** A deadline may have passed. */
  | { type: 'due' }
  /** During an ingress outage: try with a candidate whether reports arrive. */
  | { type: 'canary' }
  /** During an ingress outage whose canary has reported: a silent page is broken after all. */
  | { type: 'replaceSilent' }

/** The user has changed the request of a recording. Values that no decision depends on are in the request alone. */
export interface RequestedChange {
  /** What an update brings to Agora. The values are in the request. */
  changes: (keyof Revisions)[]
  /** Paths of the other fields that have other values now, e.g. `labels` and `policy.heartbeatTimeout`. */
  fields?: string[]
  /** The complete new policy, if it was changed. */
  policy?: Policy
  /** The complete new schedule, if it was changed. */
  schedule?: Schedule
}

/**
 * - `permanent`: Agora's service, or our own check, refuses the request: the same request would fail again
 * - `failed`: counts as a failure; the next attempt follows
 * - `busy`: anything that may pass: quotas, the service, the account, the way to Agora. The start is postponed and does
 *   not count
 * - `cancelled`: never sent, because the attempt was no longer needed
 */
export type StartFailure = 'permanent' | 'failed' | 'busy' | 'cancelled'

/**
 * Why a start did not go through, if a person should look at it: Agora refuses the account, or is not reached, or the
 * recording's storage profile cannot be used, or there is no token for its channel.
 */
export type StartTrouble = 'account' | 'way' | 'storage' | 'token'

export type QueryAnswer =
  /** `onhold`: whether Agora writes nothing; absent if the answer does not say. */
  | { kind: 'status'; status: number; files: string[]; onhold?: boolean }
  | { kind: 'notFound' }
  /** 50x, timeout, quota: the answer says nothing about the recording. */
  | { kind: 'unknown'; message: string }

export type StopOutcome = 'stopped' | 'notFound' | 'unknown'

/** A page: whether Agora is to write nothing. A channel: the number of the change that was sent, and only one of them. */
export type SentUpdate = { onhold: boolean } | Partial<Revisions>

/** `refused`: the same request would be refused again. */
export type UpdateOutcome = 'done' | 'refused' | 'notFound' | 'unknown'

export interface PageReport {
  type: 'hello' | 'loaded' | 'heartbeat' | 'bye'
  page: string
  seq: number
  failing: FailedCheck[]
  /** What a person should know although no check fails, for example a black picture. */
  warnings?: FailedCheck[]
  /** Script errors and unhandled rejections in the document so far. */
  errors?: number
  /** The document's first script error, scrubbed; may be left out once the page's `firstError` is known. */
  firstError?: string | undefined
  /** JSON of the page's note, if a destination is sent notes. */
  note?: string | undefined
}

/** The parts of an Agora notification that the supervisor uses. */
export interface TaskNotification {
  eventType: number
  sid: string
  /** The session's uid. After a failover, notifications of both sessions may arrive. */
  uid?: string
  /** Agora numbers a session's notifications from 0. */
  sequence?: number
  /** Event 71's code, event 11's exitStatus, event 1's errorCode. */
  code?: number
  /** Event 1: 0 recorder, 1 uploader, 2 service, 6 web page recorder. */
  module?: number
  /** Event 1: 1 debug … 5 fatal. */
  errorLevel?: number
  /** Events 30 to 32: of the uploader; 0 is normal. */
  status?: number
  /** Event 33: uploaded files divided by recorded files, times 10,000. */
  progress?: number
  /** Event 12. */
  newUid?: string
  /** Event 41: why the recorder left the channel, a bit mask. */
  leaveCode?: number
  /** Events 43 and 44: whose stream, and 0 if it is received. */
  streamUid?: string
  state?: number
  /** Agora's own text. */
  detail?: string
  files: string[]
}

/** A command of the supervisor. Its result comes back as a signal. */
export interface Effect {
  /** A `routineQuery` is a periodic `query` of a healthy recording; it may wait behind everything else. */
  kind: 'start' | 'query' | 'routineQuery' | 'stop' | 'update'
  attempt: number
}
