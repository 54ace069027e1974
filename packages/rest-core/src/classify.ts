import type { CallName } from './call.ts'
import { type FaultKind, NEVER_SENT } from './fault.ts'

/** What an answer means. Every meaning but `success` has one error class. */
export type Meaning =
  | 'success'
  | 'invalidRequest'
  | 'authentication'
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
 * What a call may have done at Agora.
 * - `done`: what it should, now or by an earlier try (201/7: it runs; 49: it stops already)
 * - `none`: certainly nothing
 * - `unknown`: perhaps; the answer is lost or does not say
 */
export type Effect = 'done' | 'none' | 'unknown'

/**
 * What to do after a try.
 * - `done`: nothing, the call succeeded
 * - `retrySame`: send the same request again, after `delays`
 * - `nextHost`: send the same request to the next host; when the hosts are used up, again after `delays`
 * - `freshAcquire`: acquire another resource and start with that one
 * - `giveUp`: trying the same again changes nothing
 */
export type Remedy = 'done' | 'retrySame' | 'nextHost' | 'freshAcquire' | 'giveUp'

export interface Verdict {
  readonly meaning: Meaning
  readonly kind: Remedy
  /** Waits before the first, second, … repetition; seconds, not yet scaled. */
  readonly delays: readonly number[]
  /** What to do when the delays are used up. */
  readonly exhausted: 'giveUp' | 'freshAcquire'
  readonly effect: Effect
}

/** What is known about one try of a call: an answer, a fault, or both (a body that broke off). */
export interface Evidence {
  readonly call: CallName
  /** HTTP status. */
  readonly status?: number
  /** The service's code in the body; absent if the body had none, or 0. */
  readonly code?: number
  /** The body decodes as this call's success (for `start` that includes a `sid`). */
  readonly usable?: boolean
  readonly fault?: FaultKind
  /** Seconds, from the `Retry-After` header. */
  readonly retryAfter?: number
}

type Waits = Readonly<
  Record<'backOff' | 'start50x' | 'notCompleted' | 'notFound' | 'query50x', readonly number[]>
>

/** The waits of Agora's documentation, in seconds. */
export const WAITS: Waits = {
  /** Wherever the documentation only says "with back-off"; the numbers of its domain switching. */
  backOff: [1, 3, 6],
  /** start, any 50x (web page recording best practices). */
  start50x: [3, 6, 9],
  /** 206/65 (web page recording best practices). */
  notCompleted: [3, 6],
  /** 404 before it is believed: a failover answers 404 for up to 90 s (common errors). */
  notFound: [5, 10, 15],
  /** A query's 50x says nothing about the recording (integration best practices). */
  query50x: [5, 10, 15, 30],
}

// A `Retry-After` of more seconds than this is left to the caller: no recipe sits it out.
const LONGEST_RETRY_AFTER = 60

type Calls = CallName | readonly CallName[] | 'any'
/** `50x`, `4xx`: any status of that hundred. */
type Status = number | readonly number[] | '4xx' | '50x' | 'any'
/** `none`: the body has no code, so a gateway answered. `some`: any code, so the service answered. */
type Code = number | readonly number[] | 'none' | 'some' | 'any'
interface Row {
  calls: Calls
  status: Status
  code: Code
  usable: boolean
  verdict: Verdict
}

const verdictOf = (
  meaning: Meaning,
  kind: Remedy,
  effect: Effect,
  delays: readonly number[] = [],
  exhausted: Verdict['exhausted'] = 'giveUp',
): Verdict => ({ meaning, kind, delays, exhausted, effect })

const row = (calls: Calls, status: Status, code: Code, ...verdict: Parameters<typeof verdictOf>): Row => ({
  calls,
  status,
  code,
  usable: verdict[0] === 'success',
  verdict: verdictOf(...verdict),
})

// Not within this call: the quota of concurrent recordings frees up in minutes, not seconds.
const LATER: readonly number[] = []

/** Calls about a task that was started. */
const RUNNING: readonly CallName[] = ['query', 'update', 'updateLayout', 'stop']

/** acquire changes nothing that lasts: an unused resource is gone after 5 minutes and costs nothing. */
const TRACELESS: readonly CallName[] = ['acquire', 'notificationServers']

/** Answers, in the order of the reference's "Answers by call". The first row that fits decides. */
const ANSWERS: readonly Row[] = [
  row('any', 400, 2, 'invalidRequest', 'giveUp', 'none'),
  row('any', 401, 'any', 'authentication', 'giveUp', 'none'),
  row('any', 429, 'any', 'rateLimited', 'retrySame', 'none', WAITS.backOff),

  row('acquire', 400, [400, 401, 405], 'refused', 'giveUp', 'none'),
  row('acquire', 400, 406, 'overloaded', 'retrySame', 'none', LATER),
  row('acquire', 500, [500, 501, 504], 'service', 'retrySame', 'none', WAITS.backOff),

  row('start', [200, 201], 'none', 'success', 'done', 'done'),
  row('start', [200, 201], 7, 'alreadyStarted', 'giveUp', 'done'),
  row('start', 206, 65, 'notCompleted', 'retrySame', 'unknown', WAITS.notCompleted, 'freshAcquire'),
  row('start', 400, 53, 'taskConflict', 'giveUp', 'none'),
  row('start', 500, 502, 'noWorker', 'freshAcquire', 'none'),
  row('start', [500, 504], 62, 'timeout', 'retrySame', 'unknown', WAITS.start50x, 'freshAcquire'),
  row('start', '50x', 'some', 'service', 'retrySame', 'unknown', WAITS.start50x),
  row('start', '50x', 'none', 'gateway', 'nextHost', 'unknown', WAITS.start50x),

  row(RUNNING, 206, 65, 'notCompleted', 'retrySame', 'unknown', WAITS.notCompleted),
  row(RUNNING, 404, 'some', 'notFound', 'retrySame', 'none', WAITS.notFound),
  row(RUNNING, 504, 62, 'timeout', 'retrySame', 'unknown', WAITS.query50x),
  row('stop', 206, 435, 'noRecordedData', 'giveUp', 'done'),
  row('stop', 400, 49, 'alreadyStopping', 'giveUp', 'done'),
  row('stop', 'any', 50, 'uploadUnfinished', 'giveUp', 'done'),
  row(RUNNING, '50x', 'some', 'service', 'retrySame', 'unknown', WAITS.query50x),
  row(RUNNING, '50x', 'none', 'gateway', 'nextHost', 'unknown', WAITS.query50x),

  // Not in that section. 433: start came more than 5 minutes after acquire (Agora, common errors).
  row('start', '4xx', 433, 'resourceExpired', 'freshAcquire', 'none'),
  row(TRACELESS, '50x', 'some', 'service', 'retrySame', 'none', WAITS.backOff),
  row(TRACELESS, '50x', 'none', 'gateway', 'nextHost', 'none', WAITS.backOff),
  row('any', '4xx', 'any', 'refused', 'giveUp', 'none'),
  row('any', [200, 201], 'none', 'success', 'done', 'done'),
  row(TRACELESS, 'any', 'any', 'badAnswer', 'retrySame', 'none', WAITS.backOff),
  row('start', 'any', 'any', 'badAnswer', 'retrySame', 'unknown', WAITS.start50x, 'freshAcquire'),
  row('any', 'any', 'any', 'badAnswer', 'retrySame', 'unknown', WAITS.backOff),
]

const PATIENCE: Readonly<Record<CallName, readonly number[]>> = {
  acquire: WAITS.backOff,
  start: WAITS.start50x,
  query: WAITS.query50x,
  update: WAITS.query50x,
  updateLayout: WAITS.query50x,
  stop: WAITS.query50x,
  notificationServers: WAITS.backOff,
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
 * The one place that decides what an answer or a fault means and what to do about it. Pure.
 * Source of every number and row: Agora's response status codes and best practices.
 *
 * @example
 * const { meaning, kind, delays } = classify({ call: 'start', status: 206, code: 65 })
 * meaning // => 'notCompleted'
 * kind // => 'retrySame'
 * delays // => [3, 6]
 */
export const classify = (evidence: Evidence): Verdict => {
  const { call, status, code, fault, retryAfter } = evidence
  // A 4xx or 5xx whose body broke off still says what its status says.
  if (fault !== undefined && (status === undefined || status < 300)) return faultVerdict(call, fault)
  const { verdict } = ANSWERS.find((each) => fits(each, evidence, status ?? 0, code)) ?? unreachable()
  if (verdict.meaning !== 'rateLimited' || retryAfter === undefined) return verdict
  return { ...verdict, delays: retryAfter <= LONGEST_RETRY_AFTER ? [retryAfter] : [] }
}

const faultVerdict = (call: CallName, fault: FaultKind): Verdict => {
  const effect = TRACELESS.includes(call) || NEVER_SENT.has(fault) ? 'none' : 'unknown'
  if (fault === 'aborted') return verdictOf('aborted', 'giveUp', effect)
  return verdictOf(FAULT_MEANING[fault], 'nextHost', effect, PATIENCE[call])
}

const fits = (each: Row, evidence: Evidence, status: number, code: number | undefined): boolean => {
  if (each.usable && evidence.usable !== true) return false
  return callFits(each.calls, evidence.call) && statusFits(each.status, status) && codeFits(each.code, code)
}

const callFits = (wanted: Calls, call: CallName): boolean =>
  typeof wanted === 'string' ? wanted === 'any' || wanted === call : wanted.includes(call)

const statusFits = (wanted: Status, status: number): boolean => {
  if (wanted === 'any') return true
  if (wanted === '4xx') return status >= 400 && status < 500
  if (wanted === '50x') return status >= 500 && status < 600
  return typeof wanted === 'number' ? wanted === status : wanted.includes(status)
}

const codeFits = (wanted: Code, code: number | undefined): boolean => {
  if (wanted === 'any') return true
  if (wanted === 'none') return code === undefined
  if (wanted === 'some') return code !== undefined
  if (code === undefined) return false
  return typeof wanted === 'number' ? wanted === code : wanted.includes(code)
}

const unreachable = (): never => {
  throw new Error('the last row of the table fits every answer')
}
