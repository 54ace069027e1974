import type { CallName } from './call.ts'
import type { Effect, Verdict } from './classify.ts'
import type { FaultKind } from './fault.ts'
import { describeIssues, type Issue } from './issues.ts'

/** What an error knows about the call that failed. */
export interface ErrorDetails {
  call: CallName
  verdict: Verdict
  /** HTTP status; absent if no answer came. */
  status?: number
  /** The service's code; absent if the body had none. */
  code?: number
  /** The service's or the gateway's words, with every secret of the request cut out. */
  reason?: string
  /** Why no whole answer came. */
  fault?: FaultKind
  /** Seconds the service asked to wait (`Retry-After`), also when that is more than `verdict.delays` follow. */
  retryAfter?: number
  /** The host of the last try. */
  host?: string
  /** How many HTTP requests were sent, 0 if none was. */
  tries: number
  /** The call's deadline left no time for another try, or for any. */
  expired?: boolean
  requestId?: string
  cause?: unknown
}

/**
 * What became of a `start` that failed: `notStarted` for sure, `running` (it runs, but the answer has no sid),
 * or `unknown`: it may be running, so never start again with another uid or resource before that is settled.
 */
export type StartOutcome = 'notStarted' | 'running' | 'unknown'

const OUTCOME_OF: Readonly<Record<Effect, StartOutcome>> = {
  none: 'notStarted',
  done: 'running',
  unknown: 'unknown',
}

/**
 * The base of every error of a call. It never carries a secret: no header, no request body, and the
 * service's words only after every secret of the request was cut out.
 */
export class CloudRecordingError extends Error {
  readonly call: CallName
  readonly verdict: Verdict
  readonly status: number | undefined
  readonly code: number | undefined
  readonly reason: string | undefined
  readonly fault: FaultKind | undefined
  readonly retryAfter: number | undefined
  readonly host: string | undefined
  readonly tries: number
  /** Whether the call's deadline left no time for another try, or (`tries` 0) for any. */
  readonly expired: boolean
  readonly requestId: string | undefined

  constructor(message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = new.target.name
    this.call = details.call
    this.verdict = details.verdict
    this.status = details.status
    this.code = details.code
    this.reason = details.reason
    this.fault = details.fault
    this.retryAfter = details.retryAfter
    this.host = details.host
    this.tries = details.tries
    this.expired = details.expired ?? false
    this.requestId = details.requestId
  }

  /** Whether the call may have taken effect although it failed. */
  get effect(): Effect {
    return this.verdict.effect
  }

  /** Only for `start`; undefined for every other call. */
  get outcome(): StartOutcome | undefined {
    if (this.call !== 'start') return undefined
    return OUTCOME_OF[this.effect]
  }

  toJSON(): Record<string, unknown> {
    const { name, message, call, status, code, reason, fault, retryAfter } = this
    const { host, tries, expired, requestId, outcome, verdict } = this
    const answer = { status, code, reason, fault, retryAfter }
    return { name, message, call, ...answer, host, tries, expired, requestId, outcome, verdict }
  }
}

/** The request is wrong. Found before sending (`tries` 0, `issues` name every field) or by Agora (400/2). */
export class InvalidRequestError extends CloudRecordingError {
  readonly issues: readonly Issue[]

  constructor(message: string, details: ErrorDetails & { issues?: readonly Issue[] }) {
    super(message, details)
    this.issues = details.issues ?? [{ path: '', message: details.reason ?? message }]
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), issues: this.issues }
  }
}

/** 401: the customer id and secret are missing, wrong, or not of this App ID's account. */
export class AuthenticationError extends CloudRecordingError {}
/** 429: more than the App ID's requests per second (10 by default). */
export class RateLimitedError extends CloudRecordingError {}
/** Any other 4xx: configuration or account; nothing that trying again would change. */
export class RefusedError extends CloudRecordingError {}
/** acquire 400/406: the quota of concurrent recordings is used up. Later it may go; look for leaked ones. */
export class OverloadedError extends CloudRecordingError {}
/** start 201/7: a recording runs on this resource. */
export class AlreadyStartedError extends CloudRecordingError {
  /** Agora's answer does not promise it, so mostly undefined: a notification with the cname and uid has it. */
  readonly sid: string | undefined

  constructor(message: string, details: ErrorDetails & { sid?: string }) {
    super(message, details)
    this.sid = details.sid
  }
}
/** start 400/53: the same cname and uid is being recorded already. */
export class TaskConflictError extends CloudRecordingError {}
/** 206/65: the request arrived, its answer did not come back in time. */
export class NotCompletedError extends CloudRecordingError {}
/** start 500/502: no worker could be given; acquire again. */
export class NoWorkerError extends CloudRecordingError {}
/** start 400/433: more than five minutes since acquire; acquire again. */
export class ResourceExpiredError extends CloudRecordingError {}
/** 500/62 or 504/62 from the service, or no whole answer within our own time-out or deadline. */
export class TimeoutError extends CloudRecordingError {}
/** 404/404: the task ended, never started, or is failing over (up to 90 s; ask again before believing it). */
export class NotFoundError extends CloudRecordingError {}
/** stop 206/435: it stopped, and nothing had been recorded. */
export class NoRecordedDataError extends CloudRecordingError {}
/** stop 400/49: it is stopping already; as good as stopped. */
export class AlreadyStoppingError extends CloudRecordingError {}
/** stop, code 50: stopped, but the upload outlasted the 20 s that a synchronous stop waits for. */
export class UploadUnfinishedError extends CloudRecordingError {}
/** A 50x with a code of the service. */
export class ServiceError extends CloudRecordingError {}
/** A 50x without a code: something in front of the service answered. */
export class GatewayError extends CloudRecordingError {}
/** No answer: DNS, connection or TLS failed, or the connection broke. */
export class NetworkError extends CloudRecordingError {}
/** An answer that cannot be one: not JSON, broken off, a redirect, a success without its fields. */
export class BadAnswerError extends CloudRecordingError {}
/** The caller's signal aborted the call. */
export class AbortedError extends CloudRecordingError {}

/** `createCloudRecording` was given wrong options: `issues` name each of them. */
export class InvalidOptionsError extends Error {
  readonly issues: readonly Issue[]

  constructor(issues: readonly Issue[]) {
    super(`createCloudRecording: ${describeIssues(issues)}`)
    this.name = 'InvalidOptionsError'
    this.issues = issues
  }
}
