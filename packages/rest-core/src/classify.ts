import type { CallName } from './call.ts'
import { type FaultKind, NEVER_SENT } from './fault.ts'

/** What an answer means. Every meaning but `success` has one error class. */
export type Meaning =
  | 'success'
  | 'invalidRequest'
  | 'authentication'
  | 'account'
  | 'rateLimited'
  | 'refused'
  | 'overloaded'
  | 'alreadyStarted'
  | 'taskConflict'
  | 'notCompleted'
  | 'noWorker'
  | 'resourceExpired'
  | 'timeout'
  | 'notFound'
  | 'noRecordedData'
  | 'alreadyStopping'
  | 'uploadUnfinished'
  | 'service'
  | 'gateway'
  | 'network'
  | 'badAnswer'
  | 'aborted'

/**
 * What a call left behind at Agora.
 * - `done`: the state that was asked for, by this or an earlier try (201/7: it runs; 400/49: it is stopping)
 * - `none`: certainly nothing
 * - `unknown`: perhaps something; the answer was lost or does not say
 */
export type Outcome = 'done' | 'none' | 'unknown'

/**
 * What to do after a try.
 * - `done`: nothing, the call succeeded
 * - `retrySame`: retry the same request after `delays`
 * - `nextHost`: retry on the next host; once all hosts were tried, begin again after `delays`
 * - `freshAcquire`: acquire another resource and start with it; after the delay, if there is one
 * - `giveUp`: nothing, a retry would not change the answer
 */
export type Remedy = 'done' | 'retrySame' | 'nextHost' | 'freshAcquire' | 'giveUp'

export interface Verdict {
  readonly meaning: Meaning
  readonly remedy: Remedy
  /** Seconds to wait before the first, second, … retry, before `backoffScale` is applied. */
  readonly delays: readonly number[]
  /** What to do after the last delay. */
  readonly whenExhausted: 'giveUp' | 'freshAcquire'
  readonly outcome: Outcome
}

/** What was observed of one try of a call: an answer, a fault, or both (a truncated body). */
export interface CallObservation {
  readonly call: CallName
  /** HTTP status. */
  readonly status?: number
  /** The service's code in the body; absent if the body has none or 0. */
  readonly code?: number
  /** Whether the body is not Agora's: no JSON with a `code`, `message` or `reason`. */
  readonly foreign?: boolean
  /** Agora's text: the body's `reason` or `message`. */
  readonly reason?: string
  /** Whether the body is a valid answer to this call (for `start` with a `sid`). */
  readonly usable?: boolean
  readonly fault?: FaultKind
  /** Seconds, from the `Retry-After` header. */
  readonly retryAfter?: number
}

type Backoffs = Readonly<
  Record<'default' | 'start50x' | 'notCompleted' | 'notFound' | 'query50x', readonly number[]>
>

/** The backoffs that Agora documents, in seconds. */
export const BACKOFFS: Backoffs = {
  /**
   * Where Agora asks for a backoff without naming one.
   * https://docs.agora.io/en/cloud-recording/best-practices/integration-best-practices
   */
  default: [1, 3, 6],
  /** https://docs.agora.io/en/cloud-recording/best-practices/webpage-best-practices */
  start50x: [3, 6, 9],
  /** 206/65. https://docs.agora.io/en/cloud-recording/best-practices/webpage-best-practices */
  notCompleted: [3, 6],
  /**
   * A task is answered with 404 while it fails over, for up to 90 s.
   * https://docs.agora.io/en/cloud-recording/reference/common-errors
   */
  notFound: [5, 10, 15],
  /** https://docs.agora.io/en/cloud-recording/best-practices/integration-best-practices */
  query50x: [5, 10, 15, 30],
}

/** Seconds. A longer `Retry-After` gets no delay, so that recipes give up and the caller decides. */
export const MAX_RETRY_AFTER = 60

type Calls = CallName | readonly CallName[] | 'any'
/** `4xx` is 400 to 499, `50x` is 500 to 599. */
type Status = number | readonly number[] | '4xx' | '50x' | 'any'
/**
 * - `none`: no code, so a gateway answered
 * - `foreign`: no code, and nothing else of Agora's either, so a proxy or a bot wall answered
 * - `some`: any code, so the service answered
 */
type Code = number | readonly number[] | 'none' | 'foreign' | 'some' | 'any'
interface Row {
  calls: Calls
  status: Status
  code: Code
  /** What Agora's text must have. */
  reason?: RegExp
  usable: boolean
  verdict: Verdict
}

const verdictOf = (
  meaning: Meaning,
  remedy: Remedy,
  outcome: Outcome,
  delays: readonly number[] = [],
  whenExhausted: Verdict['whenExhausted'] = 'giveUp',
): Verdict => ({ meaning, remedy, delays, whenExhausted, outcome })

const row = (calls: Calls, status: Status, code: Code, ...verdict: Parameters<typeof verdictOf>): Row => ({
  calls,
  status,
  code,
  usable: verdict[0] === 'success',
  verdict: verdictOf(...verdict),
})

// Useless within a call: the quota of concurrent recordings frees up in minutes, and a proxy's rules stay.
const NO_RETRIES: readonly number[] = []

/** The calls that address a task. */
const TASK_CALLS: readonly CallName[] = ['query', 'update', 'updateLayout', 'stop']

/** The calls that leave no lasting state: an unused resource expires after 5 minutes and costs nothing. */
const STATELESS_CALLS: readonly CallName[] = ['acquire', 'notificationServers']

/** The calls that ask for another recording. */
const START_CALLS: readonly CallName[] = ['acquire', 'start']

/**
 * The first row that matches decides. In the order of Agora's reference:
 * https://docs.agora.io/en/api-reference/api-ref/cloud-recording/status-codes
 */
const ANSWERS: readonly Row[] = [
  row('any', 400, 2, 'invalidRequest', 'giveUp', 'none'),
  // Before the other 4xx: what Agora did not write says nothing about the request, and a proxy that replaces an answer
  // may have let the request through.
  row('any', 429, 'any', 'rateLimited', 'retrySame', 'none', BACKOFFS.default),
  row(STATELESS_CALLS, '4xx', 'foreign', 'gateway', 'nextHost', 'none', NO_RETRIES),
  row('any', '4xx', 'foreign', 'gateway', 'nextHost', 'unknown', NO_RETRIES),
  row('any', 401, 'any', 'authentication', 'giveUp', 'none'),
  row('any', '4xx', [8, 109, 110], 'refused', 'giveUp', 'none'),
  row('any', '4xx', [432, 1001, 1003, 1013, 1028], 'invalidRequest', 'giveUp', 'none'),
  { ...row(START_CALLS, 400, 'none', 'account', 'giveUp', 'none'), reason: /appid is invalid/i },

  row('acquire', 400, [62, 400, 405], 'account', 'giveUp', 'none'),
  row('acquire', 400, 401, 'refused', 'giveUp', 'none'),
  row('acquire', 400, 406, 'overloaded', 'retrySame', 'none', NO_RETRIES),
  row('acquire', 500, [500, 501, 504], 'service', 'retrySame', 'none', BACKOFFS.default),

  row('start', [200, 201], 'none', 'success', 'done', 'done'),
  row('start', [200, 201, 400], 7, 'alreadyStarted', 'giveUp', 'done'),
  row('start', 206, 65, 'notCompleted', 'retrySame', 'unknown', BACKOFFS.notCompleted, 'freshAcquire'),
  row('start', 400, 53, 'taskConflict', 'giveUp', 'none'),
  row('start', 500, 502, 'noWorker', 'freshAcquire', 'none'),
  row('start', [500, 504], 62, 'timeout', 'retrySame', 'unknown', BACKOFFS.start50x, 'freshAcquire'),
  row('start', '50x', 'some', 'service', 'retrySame', 'unknown', BACKOFFS.start50x),
  row('start', '50x', 'none', 'gateway', 'nextHost', 'unknown', BACKOFFS.start50x),

  // After a stop, the task goes on exiting until it is answered with 404.
  row('query', 'any', 501, 'alreadyStopping', 'retrySame', 'none', BACKOFFS.notFound),
  row(TASK_CALLS, 206, 65, 'notCompleted', 'retrySame', 'unknown', BACKOFFS.notCompleted),
  row(TASK_CALLS, 404, 'some', 'notFound', 'retrySame', 'none', BACKOFFS.notFound),
  row(TASK_CALLS, 504, 62, 'timeout', 'retrySame', 'unknown', BACKOFFS.query50x),
  row('stop', 206, 435, 'noRecordedData', 'giveUp', 'done'),
  row('stop', 400, 49, 'alreadyStopping', 'giveUp', 'done'),
  row('stop', 'any', 50, 'uploadUnfinished', 'giveUp', 'done'),
  row(TASK_CALLS, '50x', 'some', 'service', 'retrySame', 'unknown', BACKOFFS.query50x),
  row(TASK_CALLS, '50x', 'none', 'gateway', 'nextHost', 'unknown', BACKOFFS.query50x),

  // Not in that reference. 433: start was sent more than 5 minutes after acquire.
  // https://docs.agora.io/en/cloud-recording/reference/common-errors
  row('start', '4xx', 433, 'resourceExpired', 'freshAcquire', 'none'),
  row(STATELESS_CALLS, '50x', 'some', 'service', 'retrySame', 'none', BACKOFFS.default),
  row(STATELESS_CALLS, '50x', 'none', 'gateway', 'nextHost', 'none', BACKOFFS.default),
  // An account whose recordings grow by more than 10 % of its quota in one step is answered 400; Agora's best practices
  // name no code. A request that Agora refuses for good has one of those above.
  row(START_CALLS, 400, 'any', 'overloaded', 'retrySame', 'none', NO_RETRIES),
  row('any', '4xx', 'some', 'refused', 'giveUp', 'none'),
  row('any', '4xx', 'none', 'account', 'giveUp', 'none'),
  row('any', [200, 201], 'none', 'success', 'done', 'done'),
  row(STATELESS_CALLS, 'any', 'any', 'badAnswer', 'retrySame', 'none', BACKOFFS.default),
  row('start', 'any', 'any', 'badAnswer', 'retrySame', 'unknown', BACKOFFS.start50x, 'freshAcquire'),
  row('any', 'any', 'any', 'badAnswer', 'retrySame', 'unknown', BACKOFFS.default),
]

const BACKOFF_AFTER_FAULT: Readonly<Record<CallName, readonly number[]>> = {
  acquire: BACKOFFS.default,
  start: BACKOFFS.start50x,
  query: BACKOFFS.query50x,
  update: BACKOFFS.query50x,
  updateLayout: BACKOFFS.query50x,
  stop: BACKOFFS.query50x,
  notificationServers: BACKOFFS.default,
}

const FAULT_MEANING: Readonly<Record<FaultKind, Meaning>> = {
  dns: 'network',
  refused: 'network',
  tls: 'network',
  reset: 'network',
  timeout: 'timeout',
  truncated: 'badAnswer',
  aborted: 'aborted',
  other: 'network',
}

/**
 * Decides what an answer or a network fault means and what to do about it. Pure.
 *
 * @example
 * const { meaning, remedy, delays } = classify({ call: 'start', status: 206, code: 65 })
 * meaning // => 'notCompleted'
 * remedy // => 'retrySame'
 * delays // => [3, 6]
 */
export const classify = (observation: CallObservation): Verdict => {
  const { call, status, code, fault, retryAfter } = observation
  // The status of a 4xx or 5xx is enough, even if its body is truncated.
  if (fault !== undefined && (status === undefined || status < 300)) return faultVerdict(call, fault)
  const { verdict } = ANSWERS.find((each) => matches(each, observation, status ?? 0, code)) ?? unreachable()
  return retryAfter === undefined ? verdict : withRetryAfter(verdict, retryAfter)
}

/** No retry comes earlier than the service or a gateway asks for. */
export const withRetryAfter = (verdict: Verdict, seconds: number): Verdict => {
  const { remedy, delays } = verdict
  if (remedy === 'done' || remedy === 'giveUp') return verdict
  if (seconds > MAX_RETRY_AFTER) return { ...verdict, delays: [], whenExhausted: 'giveUp' }
  if (delays.length === 0) return { ...verdict, delays: [seconds] }
  return { ...verdict, delays: delays.map((delay) => Math.max(delay, seconds)) }
}

const faultVerdict = (call: CallName, fault: FaultKind): Verdict => {
  const outcome = STATELESS_CALLS.includes(call) || NEVER_SENT.has(fault) ? 'none' : 'unknown'
  if (fault === 'aborted') return verdictOf('aborted', 'giveUp', outcome)
  return verdictOf(FAULT_MEANING[fault], 'nextHost', outcome, BACKOFF_AFTER_FAULT[call])
}

const matches = (
  each: Row,
  observation: CallObservation,
  status: number,
  code: number | undefined,
): boolean => {
  if (each.usable && observation.usable !== true) return false
  return (
    matchesCall(each.calls, observation.call) &&
    matchesStatus(each.status, status) &&
    matchesCode(each.code, code) &&
    (each.reason === undefined || each.reason.test(observation.reason ?? '')) &&
    (each.code !== 'foreign' || observation.foreign === true)
  )
}

const matchesCall = (pattern: Calls, call: CallName): boolean =>
  typeof pattern === 'string' ? pattern === 'any' || pattern === call : pattern.includes(call)

const matchesStatus = (pattern: Status, status: number): boolean => {
  if (pattern === 'any') return true
  if (pattern === '4xx') return status >= 400 && status < 500
  if (pattern === '50x') return status >= 500 && status < 600
  return typeof pattern === 'number' ? pattern === status : pattern.includes(status)
}

const matchesCode = (pattern: Code, code: number | undefined): boolean => {
  if (pattern === 'any') return true
  if (pattern === 'none' || pattern === 'foreign') return code === undefined
  if (pattern === 'some') return code !== undefined
  if (code === undefined) return false
  return typeof pattern === 'number' ? pattern === code : pattern.includes(code)
}

const unreachable = (): never => {
  throw new Error('the last row of the table matches every answer')
}
