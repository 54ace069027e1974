import type { CallName } from './call.ts'
import type { Outcome, Verdict } from './classify.ts'
import type { FaultKind } from './fault.ts'
import { describeIssues, type Issue } from './issues.ts'

/** What is known about a failed call. */
export interface ErrorDetails {
  call: CallName
  verdict: Verdict
  /** HTTP status; absent if no answer came. */
  status?: number
  /** The service's code; absent if the body had none. */
  code?: number
  /** Text from the service or the gateway, with every secret of the request removed. */
  reason?: string
  /** Why there was no complete answer. */
  fault?: FaultKind
  /**
   * Seconds until the last host of the call that sent `Retry-After` may be tried again. Above 60 they are here only, not
   * in `verdict.delays`.
   */
  retryAfter?: number
  /** The host of the last try. */
  host?: string
  /** Number of HTTP requests that were sent. */
  tries: number
  /** Whether the deadline left no time for another try, or (`tries` 0) for any. */
  expired?: boolean
  requestId?: string
  cause?: unknown
}

/**
 * The state after a `start` that failed: certainly `notStarted`; `running`, but the answer has no sid; or `unknown`. If
 * it is unknown, do not start with another uid or resource before you know, or two recordings may run.
 */
export type StartOutcome = 'notStarted' | 'running' | 'unknown'

const START_OUTCOME_OF: Readonly<Record<Outcome, StartOutcome>> = {
  none: 'notStarted',
  done: 'running',
  unknown: 'unknown',
}

/**
 * The base class of every error of a call. It contains no secret: no header, no request body, and text from the service
 * only with every secret of the request removed.
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
  /** Whether the deadline left no time for another try, or (`tries` 0) for any. */
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

  /** For `start` only; undefined for every other call. */
  get startOutcome(): StartOutcome | undefined {
    if (this.call !== 'start') return undefined
    return START_OUTCOME_OF[this.verdict.outcome]
  }

  toJSON(): Record<string, unknown> {
    const { name, message, call, status, code, reason, fault, retryAfter } = this
    const { host, tries, expired, requestId, startOutcome, verdict } = this
    const answer = { status, code, reason, fault, retryAfter }
    return { name, message, call, ...answer, host, tries, expired, requestId, startOutcome, verdict }
  }
}

/** The request is invalid: found before sending (`tries` 0, `issues` name every field) or by Agora (400/2). */
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

/** 401: the customer id or secret is missing, wrong, or belongs to another account than the App ID. */
export class AuthenticationError extends CloudRecordingError {}
/** 429: the App ID has exceeded its requests per second (10 by default). */
export class RateLimitedError extends CloudRecordingError {}
/** Agora does not accept the App ID or the account: acquire 400 with 62, 400 or 405, "appid is invalid", or another 4xx with only a `message`. */
export class AccountError extends CloudRecordingError {}
/** Any other 4xx with a code: the service refuses this request, and would refuse it again. */
export class RefusedError extends CloudRecordingError {}
/**
 * The quota of concurrent recordings is used up (acquire 400/406), or the recordings grow too fast (acquire or start, 400
 * without a documented code). Retry later, and check for leaked recordings.
 */
export class OverloadedError extends CloudRecordingError {}
/** start 201/7: a recording is running on this resource. */
export class AlreadyStartedError extends CloudRecordingError {
  /** Usually undefined, because Agora's answer need not contain it. A notification with the cname and uid does. */
  readonly sid: string | undefined

  constructor(message: string, details: ErrorDetails & { sid?: string }) {
    super(message, details)
    this.sid = details.sid
  }
}
/** start 400/53: this cname and uid is already being recorded. */
export class TaskConflictError extends CloudRecordingError {}
/** 206/65: the request arrived, but its result was not available in time. */
export class NotCompletedError extends CloudRecordingError {}
/** start 500/502: no worker was available; acquire again. */
export class NoWorkerError extends CloudRecordingError {}
/** start 400/433: more than five minutes since acquire; acquire again. */
export class ResourceExpiredError extends CloudRecordingError {}
/** 500/62 or 504/62 from the service, or no complete answer within our timeout or deadline. */
export class TimeoutError extends CloudRecordingError {}
/** 404/404: the task ended, never started, or is failing over (for up to 90 s, so query again to be sure). */
export class NotFoundError extends CloudRecordingError {}
/** stop 206/435: it stopped; nothing had been recorded. */
export class NoRecordedDataError extends CloudRecordingError {}
/** stop 400/49: it is already stopping, which counts as stopped. query 501: it is exiting after a stop. */
export class AlreadyStoppingError extends CloudRecordingError {}
/** stop, code 50: it stopped, but the upload took longer than the 20 s that a synchronous stop waits. */
export class UploadUnfinishedError extends CloudRecordingError {}
/** A 50x with a code, so from the service. */
export class ServiceError extends CloudRecordingError {}
/** A 50x without a code, or a 4xx whose body is not Agora's: from a gateway or a proxy on the way to the service. */
export class GatewayError extends CloudRecordingError {}
/** No answer: DNS, connection or TLS failed, or the connection was lost. */
export class NetworkError extends CloudRecordingError {}
/** An invalid answer: not JSON, truncated, a redirect, or a success without its required fields. */
export class BadAnswerError extends CloudRecordingError {}
/**
 * The caller ended the call: a signal aborted, `mayTry` resolved to `false`, or `mayTry` or `beforeRequest` threw
 * (`cause`). Earlier tries of the call may have taken effect; its outcome says so.
 */
export class AbortedError extends CloudRecordingError {}

/**
 * `createCloudRecording` got invalid options; `issues` name each of them. Also the `cause` of an {@link AbortedError}, if
 * `beforeRequest` returned invalid headers.
 */
export class InvalidOptionsError extends Error {
  readonly issues: readonly Issue[]

  constructor(issues: readonly Issue[]) {
    super(`createCloudRecording: ${describeIssues(issues)}`)
    this.name = 'InvalidOptionsError'
    this.issues = issues
  }
}
