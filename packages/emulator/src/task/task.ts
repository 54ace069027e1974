import type { FormerSession, Mode, ServiceScene, TaskState, Uploads } from '../types.ts'

/** What every task has, whatever it records. Times are in ms since the epoch. */
export interface TaskFacts {
  readonly mode: Mode
  readonly serviceScene: ServiceScene
  readonly sid: string
  readonly resourceId: string
  readonly cname: string
  readonly uid: string
  readonly filePrefix: readonly string[]
  readonly startedAt: number
  /** From this time on, query, update and stop are answered 404. */
  readonly expiresAt: number

  readonly state: TaskState
  readonly exitingAt: number | null
  readonly endedAt: number | null
  /** As commanded. */
  readonly uploads: Uploads
  /** Until this time, query, update and stop are answered 404 by the commands `notFound` and `failover`. */
  readonly notFoundUntil: number
  /** Sequence number of the next notification. */
  readonly sequence: number
  readonly session: Session
}

/** The servers that have taken turns in a task. */
export interface Session {
  /** The uid in the notifications of the server that records. */
  readonly uid: string
  /** The server before it, and what it still reports; null if there is none. */
  readonly former: { readonly uid: string; readonly reports: FormerSession } | null
  /** How often another server has taken over. */
  readonly failovers: number
  /** The server that will take over; null unless one has failed. */
  readonly next: Failover | null
}

/** What the command `failover` asked for. */
export interface Failover {
  readonly newUid: string
  readonly former: FormerSession
}

/** The timers of every task: the failed server's successor, and the end of the former session. */
export type CommonTimer = 'takeOver' | 'formerEnd'

/** What can happen to every task. */
export type CommonInput =
  | { type: 'started' }
  | { type: 'notFoundRequested'; until: number }
  | { type: 'uploadsChanged'; uploads: Uploads }
  | { type: 'failoverRequested'; delayMs: number; failover: Failover }
  | { type: 'notifyRequested'; notification: NotificationToSend }

/** A notification that a command asks for. */
export interface NotificationToSend {
  event: number
  details: Record<string, unknown>
  /** Default: the uid of the server that records. */
  uid?: string
  redundant: boolean
}

/** What is carried out for every task after a step. */
export type CommonAction<Timer extends string = string> =
  | { type: 'startTimer'; timer: Timer | CommonTimer; delayMs: number }
  | { type: 'cancelTimer'; timer: Timer | CommonTimer }
  | { type: 'cancelTimers' }
  | NotifyAction
  | { type: 'log'; message: string }

export interface NotifyAction {
  type: 'notify'
  event: number
  /** Counts the notifications of a task from 0. */
  sequence: number
  details: Record<string, unknown>
  /** The uid of the server that it comes from. */
  uid: string
  /** Sent a second time with another `noticeId`. */
  redundant: boolean
}

export interface Delays {
  /** From `start` until the page is opened, or the channel is joined. */
  openDelayMs: number
  /** From a stop until the upload is done and the task has ended. */
  exitDelayMs: number
  /** From the first media in a channel until query names its files; null for Agora's own delays. */
  fileDelayMs: number | null
}

export interface StepContext {
  /** Milliseconds since the epoch. */
  now: number
  delays: Delays
}

/** The session of a task that no server has failed in yet. */
export const firstSession = (uid: string): Session => ({ uid, former: null, failovers: 0, next: null })

export const isLive = ({ state }: Pick<TaskFacts, 'state'>): boolean => state !== 'ended'

/** Neither stopped nor failed. */
export const isRunning = ({ state }: Pick<TaskFacts, 'state'>): boolean =>
  state !== 'exiting' && state !== 'ended'
