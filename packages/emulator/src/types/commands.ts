import type { StopCode, Uploads } from './tasks.ts'

/** `limitType` of event 72. */
export type LimitType = 'resolution' | 'WebGL' | 'bandwidth'

/** A command to the page of a task. */
export type PageCommand =
  /** Kills the page's renderer. The task keeps recording, and no notification is sent. */
  | { do: 'killPage' }
  /** Halts the page's main thread, so that no script or timer runs. The task keeps recording. */
  | { do: 'freezePage' }
  /** Takes the page offline. The page keeps running with what it has loaded, and the task keeps recording. */
  | { do: 'cutOffPage' }
  /** Sends event 72, and ends the task with code 2. */
  | { do: 'capabilityLimit'; limitType: LimitType }
  /** Calls `navigator.notifyReady()` in place of the page. Only without a browser. */
  | { do: 'notifyReady' }

/**
 * Changes who is in a channel, for all tasks that record it now or later. Each user sends audio and video. With `count` the
 * last ones leave, or further ones come with the lowest free uids from 1 on; `uids` names all of them.
 */
export type ChannelCommand = { do: 'users'; count: number } | { do: 'users'; uids: string[] }

/**
 * The server that fails is `silent` from then on, `ends` its session with events 31 and 11 under the original uid after the
 * takeover, or `continues` to report every event beside the new one.
 */
export type FormerSession = 'silent' | 'ends' | 'continues'

/** Another server takes over the task: it is answered 404/404 for `seconds`; then events 12 and 13 come. */
export interface FailoverCommand {
  do: 'failover'
  /** @default 30 */
  seconds?: number
  /** The uid of the server that takes over. @default the task's uid + 4000000000, within a uid's range */
  newUid?: string
  /** @default 'silent' */
  former?: FormerSession
}

/** Sends a notification of a task, also of one that has ended. */
export interface NotifyCommand {
  do: 'notify'
  /** Any number, also of an event that Agora does not have. */
  event: number
  /** `msgName` is added for the events that Agora documents. @default {} */
  details?: Record<string, unknown>
  /** @default the uid of the server that records: the task's, and after a failover `newUid` */
  uid?: string
  /** Sends it twice, with different `noticeId`s. @default false */
  redundant?: boolean
}

/** A command to a running task. */
export type TaskCommand =
  /**
   * Ends the task: 0 as a call of stop does, other codes as a failure. The page of a task has all codes, with event 71; a
   * channel has 0 and 6 (the recorder dies: event 1, level 5, and 11 with exitStatus 1).
   */
  | { do: 'stop'; code: StopCode }
  /** Answers query, update and stop with 404/404 for this many seconds while the task continues. */
  | { do: 'notFound'; seconds: number }
  /** Changes how the task's files fare from now on. Back to `ok`, event 33 says that all files are uploaded. */
  | { do: 'uploads'; as: Uploads }
  | FailoverCommand
  | NotifyCommand
  | PageCommand
  | ChannelCommand
