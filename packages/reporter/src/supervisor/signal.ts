import type { Evidence, FailedCheck } from './recording.ts'

/** Anything that the supervisor learns. `attempt` is the attempt's number. */
export type Signal =
  | { type: 'created' }
  | { type: 'acquired'; attempt: number; resourceId: string }
  /** `resourceId` is the one whose start went through, which need not be the one acquired last. */
  | { type: 'started'; attempt: number; sid: string; resourceId: string }
  /** Perhaps Agora runs it, its sid is not known: the answer was lost, or Agora said that it already runs. */
  | { type: 'startUnknown'; attempt: number; resourceId: string; message: string; evidence: Evidence }
  | { type: 'startFailed'; attempt: number; failure: StartFailure; message: string; evidence: Evidence }
  /** `resourceId` is the one that Agora knew the sid by, when it did. */
  | { type: 'queried'; attempt: number; answer: QueryAnswer; resourceId?: string }
  /** `sid` is what was to be stopped; `resourceId` the one that Agora knew it by, when it ran until then. */
  | {
      type: 'stopAnswered'
      attempt: number
      sid?: string
      outcome: StopOutcome
      evidence: Evidence
      resourceId?: string
    }
  /** `onhold` is what Agora was asked for. */
  | { type: 'updateAnswered'; attempt: number; onhold: boolean; outcome: UpdateOutcome; evidence: Evidence }
  | { type: 'report'; attempt: number; report: PageReport }
  | { type: 'notification'; attempt: number; notification: TaskNotification }
  | { type: 'stop' }
  | { type: 'restart' }
  | { type: 'pause' }
  | { type: 'resume' }
  /** A deadline may have passed. */
  | { type: 'due' }
  /** The reporter was away (down, suspended, stalled) for so many seconds, or its clock went back by so many. */
  | { type: 'resumedAfterDowntime'; downtimeSeconds: number; clockStepBackSeconds?: number }

/**
 * `permanent`: the same request would fail again · `failed`: try again, and count it ·
 * `busy`: Agora or the way to it, start again later, blame nobody · `cancelled`: never sent, nobody wanted it any more
 */
export type StartFailure = 'permanent' | 'failed' | 'busy' | 'cancelled'

export type QueryAnswer =
  /** `onhold`: Agora writes nothing; absent when it does not say. */
  | { kind: 'status'; status: number; files: string[]; onhold?: boolean }
  | { kind: 'notFound' }
  /** 50x, time-out, quota: says nothing about the recording. */
  | { kind: 'unknown'; message: string }

export type StopOutcome = 'stopped' | 'notFound' | 'unknown'

/** `refused`: the same request would be refused again. */
export type UpdateOutcome = 'done' | 'refused' | 'notFound' | 'unknown'

export interface PageReport {
  type: 'hello' | 'loaded' | 'heartbeat' | 'bye'
  page: string
  seq: number
  failing: FailedCheck[]
  /** What a person should know, and nothing fails for: a black picture. */
  warnings?: FailedCheck[]
}

/** What matters of an Agora notification to the supervisor. */
export interface TaskNotification {
  eventType: number
  sid: string
  /** Of the session that it is about: after a failover there may be notifications of both. */
  uid?: string
  /** Agora counts a session's notifications from 0. */
  sequence?: number
  /** Event 71's code, event 11's exitStatus, event 1's errorCode. */
  code?: number
  /** Event 1: 1 debug … 5 fatal. */
  errorLevel?: number
  /** Event 12. */
  newUid?: string
  /** Agora's own words. */
  detail?: string
  files: string[]
}

/** Anything that the supervisor wants done. Its outcome comes back as a signal. */
export interface Effect {
  /** A `routineQuery` is a `query` that may wait: nothing is doubted, Agora is only asked in turn. */
  kind: 'start' | 'query' | 'routineQuery' | 'stop' | 'update'
  attempt: number
}
