import type { RecordedFile } from '../answers/recordedFile.ts'
import type { CallOptions, CloudRecording } from '../cloudRecording.ts'
import type { CloudRecordingError } from '../errors.ts'
import type { TaskAddress } from '../requests/identity.ts'
import { waitSignal } from '../waitSignal.ts'
import {
  addNotFound,
  addWait,
  isConclusive,
  MAX_FAILOVER,
  NO_NOT_FOUND_RUN,
  type NotFoundRun,
  notFoundDelay,
} from './notFoundRun.ts'
import { ENDED_STATUSES, type QueryResult, queryOnce } from './queryOnce.ts'
import { waitUnlessAborted } from './waitUnlessAborted.ts'

export type WatchOptions = CallOptions & {
  /** Seconds between two queries of a healthy recording. Default 120, or 3/4 of `maxIdleTime` if that is less. */
  interval?: number
  /** Seconds, as in the start request; RTC modes only. Default 30, which is also Agora's. */
  maxIdleTime?: number
  /** Seconds that 404s must last until the task is reported as `ended`. Default 90. */
  failoverWindow?: number
}

export type Liveness =
  /** Agora knows the task, in any status but 7, 8 and 20. `files` has the names known so far. */
  | { kind: 'alive'; status: number; files: RecordedFile[] }
  /** The task has ended: `status` 7, 8 or 20, or 404s for longer than a failover takes. Always the last result. */
  | { kind: 'ended'; status?: number; files: RecordedFile[]; error?: CloudRecordingError }
  /** A 50x, a lost answer, or a 404 that may be a failover: whether the task runs is unknown. */
  | { kind: 'unclear'; error: CloudRecordingError; notFound: boolean }

/** The failed queries since the last query that found the task. */
interface Failures {
  readonly notFound: NotFoundRun
  /** Failures other than 404, since the latest 404. */
  readonly unclear: number
}

/** What a query says, and how to continue. */
interface Step {
  liveness: Liveness
  failures: Failures
  /** Seconds to the next query. */
  wait: number
}

/** Seconds. */
interface Timing {
  readonly interval: number
  readonly failoverWindow: number
}

const NO_FAILURES: Failures = { notFound: NO_NOT_FOUND_RUN, unclear: 0 }

/**
 * Seconds. Agora advises to query about every 2 minutes, in RTC modes more often than `maxIdleTime`.
 *
 * @see https://docs.agora.io/en/cloud-recording/best-practices/integration-best-practices
 */
const DEFAULT_INTERVAL = 120
const DEFAULT_MAX_IDLE_TIME = 30
const MAX_IDLE_TIME_RATIO = 0.75

/**
 * Queries a recording every `interval` seconds, the first time immediately, and yields what each query says. It ends
 * after `ended` and when one of the signals aborts. It is lazy: while its caller handles one result, it sends nothing and
 * has no timer.
 *
 * - 404: queries again after 5, 10, 15 s, then every 15 s; `ended` once 404s have lasted for the failover window
 * - 50x or no answer: queries again after 5, 10, 15, 30 s, then at the interval
 * - never earlier than `Retry-After` asks for, however long that is
 *
 * @example
 * for await (const { kind } of watch(client, task)) {
 *   if (kind === 'ended') await startAnew()
 *   if (kind === 'alive') break
 * }
 *
 * @throws RangeError if the interval is not below `maxIdleTime`
 * @throws CloudRecordingError if Agora refuses the query (400, 401, 403 …), or a function of the caller ends it (`mayTry`,
 * `beforeRequest`)
 */
export const watch = (
  client: CloudRecording,
  task: TaskAddress,
  options: WatchOptions = {},
): AsyncGenerator<Liveness, void, undefined> => {
  const { failoverWindow = MAX_FAILOVER, interval: _, maxIdleTime: __, ...callOptions } = options
  return watchTask(client, task, callOptions, { interval: intervalOf(task, options), failoverWindow })
}

async function* watchTask(
  client: CloudRecording,
  task: TaskAddress,
  options: CallOptions,
  timing: Timing,
): AsyncGenerator<Liveness, void, undefined> {
  const ending = waitSignal(options)
  for (let failures = NO_FAILURES; ; ) {
    const result = await queryOnce(client, task, options)
    // An aborted query says nothing about the task.
    if (ending?.aborted && result.kind !== 'status') return
    const step = nextStep(result, failures, timing)
    yield step.liveness
    if (step.liveness.kind === 'ended' || !(await waitUnlessAborted(client, step.wait, ending))) return
    failures = step.failures
  }
}

const nextStep = (result: QueryResult, failures: Failures, timing: Timing): Step => {
  switch (result.kind) {
    case 'status': {
      const { status, files } = result
      const kind = ENDED_STATUSES.has(status) ? 'ended' : 'alive'
      return { liveness: { kind, status, files }, failures: NO_FAILURES, wait: timing.interval }
    }
    case 'notFound':
      return afterNotFound(result.error, failures, timing)
    case 'unclear':
      return afterUnclear(result.error, failures, timing)
  }
}

const afterNotFound = (error: CloudRecordingError, failures: Failures, { failoverWindow }: Timing): Step => {
  const notFound = addNotFound(failures.notFound)
  if (isConclusive(notFound, failoverWindow)) {
    return { liveness: { kind: 'ended', files: [], error }, failures: NO_FAILURES, wait: 0 }
  }
  const wait = Math.max(notFoundDelay(notFound), error.retryAfter ?? 0)
  return {
    liveness: { kind: 'unclear', error, notFound: true },
    failures: { notFound: addWait(notFound, wait), unclear: 0 },
    wait,
  }
}

const afterUnclear = (
  error: CloudRecordingError,
  { notFound, unclear }: Failures,
  { interval }: Timing,
): Step => {
  const wait = Math.max(error.verdict.delays[unclear] ?? interval, error.retryAfter ?? 0)
  return {
    liveness: { kind: 'unclear', error, notFound: false },
    failures: { notFound: addWait(notFound, wait), unclear: unclear + 1 },
    wait,
  }
}

const intervalOf = ({ mode }: TaskAddress, options: WatchOptions): number => {
  const maxIdleTime =
    mode === 'web' ? Number.POSITIVE_INFINITY : (options.maxIdleTime ?? DEFAULT_MAX_IDLE_TIME)
  const interval = options.interval ?? Math.min(DEFAULT_INTERVAL, maxIdleTime * MAX_IDLE_TIME_RATIO)
  if (interval > 0 && interval < maxIdleTime) return interval
  throw new RangeError(
    `watch: interval is ${interval} s, it must be above 0 and below maxIdleTime (${maxIdleTime} s), after which Agora ends an idle recording`,
  )
}
