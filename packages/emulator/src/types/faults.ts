import type { Call } from './calls.ts'

/** Limits a fault to the recordings that match every given field. */
export interface FaultMatch {
  cname?: string
  uid?: string
}

/** How long a fault is active: for a number of uses, or for a number of seconds. By default for one use. */
export type FaultLifetime =
  | { times?: number; forSeconds?: undefined }
  | { times?: undefined; forSeconds: number }

/** What happens to a call that a fault applies to. */
export type CallFaultThen =
  /** Answers instead of the service: with `code` and `reason` as the service does, with `message` as the gateway does. */
  | { status: number; code?: number; reason?: string; message?: string }
  /** Answers with this text as the body. */
  | { status: number; body: string }
  /**
   * Carries out the call, but loses the answer: `hang` sends nothing until the client gives up, `reset` resets the
   * connection. @default 'hang'
   */
  | { loseAnswer: true; how?: 'hang' | 'reset' }
  /** Carries out the call after this many seconds. */
  | { delay: number }
  /** Closes the connection without carrying out the call. */
  | { drop: true }

/**
 * What happens to a notification that a fault applies to: `drop` does not send it, `double` sends it twice, `redundant`
 * sends it twice with different `noticeId`s (as Agora does if redundant notifications are enabled), `reorder` sends it after the
 * next one of its recording, `delay` after this many seconds.
 */
export type NotificationFaultThen = 'drop' | 'double' | 'redundant' | 'reorder' | { delay: number }

/** A fault to inject into a call or a notification. */
export type FaultRequest = FaultLifetime & { match?: FaultMatch } & (
    | { on: 'call'; call: Call; then: CallFaultThen }
    | { on: 'notification'; event?: number; then: NotificationFaultThen }
  )

/** An injected fault that is still active. */
export type FaultView = FaultRequest & {
  id: string
  /** ISO 8601. */
  createdAt: string
  /** How often the fault has been applied. */
  used: number
}
