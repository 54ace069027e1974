import type { Meaning } from './classify.ts'
import {
  AbortedError,
  AlreadyStartedError,
  AlreadyStoppingError,
  AuthenticationError,
  BadAnswerError,
  CloudRecordingError,
  type ErrorDetails,
  GatewayError,
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

type ErrorClass = new (message: string, details: ErrorDetails & { sid?: string }) => CloudRecordingError

const CLASS_OF: Readonly<Record<Exclude<Meaning, 'success'>, ErrorClass>> = {
  invalidRequest: InvalidRequestError,
  authentication: AuthenticationError,
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

/** The error of a verdict that is not a success. */
export const errorOf = (details: ErrorDetails & { sid?: string }): CloudRecordingError => {
  const { meaning } = details.verdict
  const Class = meaning === 'success' ? CloudRecordingError : CLASS_OF[meaning]
  return new Class(messageOf(details), details)
}

const messageOf = (details: ErrorDetails): string => {
  const { call, verdict, status, code, reason, host, tries } = details
  const answer =
    status === undefined ? undefined : `HTTP ${status}${code === undefined ? '' : ` code ${code}`}`
  const what = [answer, reason].filter((part) => part !== undefined).join(', ')
  const where = host === undefined ? '' : ` (${host}, ${tries} ${tries === 1 ? 'try' : 'tries'})`
  const end = details.expired
    ? `, and the call's deadline left no time for ${tries === 0 ? 'any' : 'another'} try`
    : ''
  return `${call}: ${ADVICE[verdict.meaning]}${what === '' ? '' : `: ${what}`}${where}${end}`
}

const ADVICE: Readonly<Record<Meaning, string>> = {
  success: 'succeeded',
  invalidRequest: 'Agora refused a parameter',
  authentication: 'the customer id or secret is wrong, or not for this App ID',
  rateLimited: 'too many requests per second for this App ID',
  refused: 'refused, check the App ID and the account',
  overloaded: 'the quota of concurrent recordings is used up',
  alreadyStarted: 'a recording runs on this resource already',
  taskConflict: 'this cname and uid is being recorded already',
  notCompleted: 'the request arrived but its result is not known',
  noWorker: 'no worker was free, acquire again',
  resourceExpired: 'the resource id is too old, acquire again',
  timeout: 'no answer in time',
  notFound: 'no such recording: ended, never started, or failing over',
  noRecordedData: 'stopped, and nothing had been recorded',
  alreadyStopping: 'it is stopping already',
  uploadUnfinished: 'stopped, the upload goes on',
  service: 'the service failed',
  gateway: 'the gateway failed',
  network: 'the service could not be reached or the connection broke',
  badAnswer: 'the answer cannot be understood',
  aborted: 'aborted by the caller',
}
