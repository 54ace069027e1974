import type { CallName } from './call.ts'
import type { Meaning, Outcome, Verdict } from './classify.ts'
import { codeText } from './codeTexts.ts'
import {
  AbortedError,
  AccountError,
  AlreadyStartedError,
  AlreadyStoppingError,
  AuthenticationError,
  BadAnswerError,
  CloudRecordingError,
  type ErrorDetails,
  GatewayError,
  InvalidOptionsError,
  InvalidRequestError,
  NetworkError,
  NoRecordedDataError,
  NotCompletedError,
  NotFoundError,
  NoWorkerError,
  OverloadedError,
  RateLimitedError,
  RefusedError,
  ResourceExpiredError,
  ServiceError,
  TaskConflictError,
  TimeoutError,
  UploadUnfinishedError,
} from './errors.ts'
import { describeIssues } from './issues.ts'

type ErrorClass = new (message: string, details: ErrorDetails & { sid?: string }) => CloudRecordingError

const CLASS_OF: Readonly<Record<Exclude<Meaning, 'success'>, ErrorClass>> = {
  invalidRequest: InvalidRequestError,
  authentication: AuthenticationError,
  account: AccountError,
  rateLimited: RateLimitedError,
  refused: RefusedError,
  overloaded: OverloadedError,
  alreadyStarted: AlreadyStartedError,
  taskConflict: TaskConflictError,
  notCompleted: NotCompletedError,
  noWorker: NoWorkerError,
  resourceExpired: ResourceExpiredError,
  timeout: TimeoutError,
  notFound: NotFoundError,
  noRecordedData: NoRecordedDataError,
  alreadyStopping: AlreadyStoppingError,
  uploadUnfinished: UploadUnfinishedError,
  service: ServiceError,
  gateway: GatewayError,
  network: NetworkError,
  badAnswer: BadAnswerError,
  aborted: AbortedError,
}

/** Creates the error for a verdict, of the class that belongs to its meaning. */
export const errorOf = (details: ErrorDetails & { sid?: string }): CloudRecordingError => {
  const { meaning } = details.verdict
  const Class = meaning === 'success' ? CloudRecordingError : CLASS_OF[meaning]
  return new Class(messageOf(details), details)
}

interface Ended {
  /** Number of HTTP requests that were sent. */
  tries: number
  outcome: Outcome
}

/** The error of a call that its caller ended between two tries. */
export const abortedError = (call: CallName, ended: Ended): CloudRecordingError =>
  errorOf({ call, tries: ended.tries, verdict: abortedVerdict(ended) })

/** The error of a call that ended because `beforeRequest` or `mayTry` threw, or `beforeRequest` returned invalid headers. */
export const callbackError = (call: CallName, cause: unknown, ended: Ended): CloudRecordingError => {
  const reason =
    cause instanceof InvalidOptionsError ? describeIssues(cause.issues) : 'a function of the caller threw'
  return errorOf({ call, tries: ended.tries, reason, cause, verdict: abortedVerdict(ended) })
}

const abortedVerdict = ({ outcome }: Ended): Verdict => ({
  meaning: 'aborted',
  remedy: 'giveUp',
  delays: [],
  whenExhausted: 'giveUp',
  outcome,
})

/** The same error with another outcome: what several tries together left behind. */
export const withOutcome = (error: CloudRecordingError, outcome: Outcome): CloudRecordingError => {
  if (error.verdict.outcome === outcome) return error
  const { message, stack, cause } = error
  const { meaning } = error.verdict
  const Class = meaning === 'success' ? CloudRecordingError : CLASS_OF[meaning]
  const copy = new Class(message, { ...error, cause, verdict: { ...error.verdict, outcome } })
  copy.stack = stack
  return copy
}

const messageOf = (details: ErrorDetails): string => {
  const { call, verdict, status, code, reason, host, tries } = details
  const answer =
    status === undefined ? undefined : `HTTP ${status}${code === undefined ? '' : ` code ${code}`}`
  const codeMeaning = codeText(call, code)
  const what = [answer, codeMeaning, reason].filter((part) => part !== undefined).join(', ')
  const where = host === undefined ? '' : ` (${host}, ${tries} ${tries === 1 ? 'try' : 'tries'})`
  const end = details.expired
    ? `, and the call's deadline left no time for ${tries === 0 ? 'any' : 'another'} try`
    : ''
  return `${call}: ${MEANING_TEXTS[verdict.meaning]}${what === '' ? '' : `: ${what}`}${where}${end}`
}

const MEANING_TEXTS: Readonly<Record<Meaning, string>> = {
  success: 'succeeded',
  invalidRequest: 'Agora refused a parameter',
  authentication: 'the customer id or secret is wrong or does not belong to this App ID',
  rateLimited: 'too many requests per second for this App ID',
  account: 'Agora does not accept the App ID or the account',
  refused: 'Agora refuses this request',
  overloaded: 'the quota of concurrent recordings is used up, or they grow too fast',
  alreadyStarted: 'a recording is already running on this resource',
  taskConflict: 'this cname and uid is already being recorded',
  notCompleted: 'the request arrived, but its result is unknown',
  noWorker: 'no worker was available, acquire again',
  resourceExpired: 'the resource id has expired, acquire again',
  timeout: 'no answer in time',
  notFound: 'no such recording: ended, never started, or failing over',
  noRecordedData: 'stopped; nothing had been recorded',
  alreadyStopping: 'already stopping',
  uploadUnfinished: 'stopped; the upload continues',
  service: 'the service failed',
  gateway: 'a gateway or proxy answered instead of Agora',
  network: 'the service could not be reached or the connection was lost',
  badAnswer: 'invalid answer',
  aborted: 'aborted by the caller',
}
