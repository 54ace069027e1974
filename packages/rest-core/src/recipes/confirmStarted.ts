import type { CallOptions, CloudRecording } from '../cloudRecording.ts'
import type { TaskAddress } from '../requests/identity.ts'
import { waitSignal } from '../waitSignal.ts'
import { MAX_FAILOVER, NOT_FOUND_BACKOFF } from './notFoundRun.ts'
import { CONFIRMING_STATUSES, ENDED_STATUSES, type QueryResult, queryOnce } from './queryOnce.ts'
import { waitUnlessAborted } from './waitUnlessAborted.ts'
import { withTimeLimit } from './withTimeLimit.ts'

export type ConfirmOptions = CallOptions & {
  /** Seconds from the call of this recipe, which should follow start's answer immediately. Default 90. */
  limit?: number
}

/** One query of the recipe. `after` is the sum of the waits before it, in seconds. */
export interface ConfirmQuery {
  after: number
  result: QueryResult
}

type Verdict = { outcome: 'confirmed'; status: number } | { outcome: 'notRunning' }

export type ConfirmResult =
  /** Status 4 or 5. */
  | { outcome: 'confirmed'; status: number; queries: ConfirmQuery[] }
  /** Status 7, 8 or 20, or nothing but 404s until the limit: start again with another uid. */
  | { outcome: 'notRunning'; queries: ConfirmQuery[] }
  /** Neither was seen before the limit or the abort of one of the signals (`aborted`). The task may be running. */
  | { outcome: 'unconfirmed'; aborted: boolean; queries: ConfirmQuery[] }

/**
 * Seconds before each query: Agora advises to query 5 s after the sid, then after 5, 10 and 15 s, and to take a task
 * that is not found after 90 s for one that did not start or has quit.
 *
 * @see https://docs.agora.io/en/cloud-recording/best-practices/webpage-best-practices
 */
const WAITS: readonly number[] = [5, 5, 10, 15]
const MAX_WAIT = 15

/**
 * Queries a task that was just started until Agora reports that it runs. A 404 within the failover window of 90 s does
 * not mean that the task has ended, and a 50x says nothing about it, so the query is sent again after both, no earlier
 * than `Retry-After` asks for.
 *
 * Rejects with the query's error if Agora refuses it (400, 401, 403 …), the task's address is invalid, or a function of
 * the caller ends it (`mayTry`, `beforeRequest`). Everything else is an outcome.
 *
 * @example
 * const { outcome } = await confirmStarted(client, task)
 * outcome // => 'confirmed'
 */
export const confirmStarted = async (
  client: CloudRecording,
  task: TaskAddress,
  { limit = MAX_FAILOVER, ...options }: ConfirmOptions = {},
): Promise<ConfirmResult> => {
  const queries: ConfirmQuery[] = []
  const verdict = await withTimeLimit(client, { ...options, seconds: limit }, async (signal) => {
    const limited = { ...options, signal }
    const ending = waitSignal(limited)
    for (let number = 0, after = 0, retryAfter = 0; ; number++) {
      const wait = Math.max(WAITS[number] ?? MAX_WAIT, retryAfter)
      if (!(await waitUnlessAborted(client, wait, ending))) return undefined
      after += wait
      const result = await queryOnce(client, task, limited)
      if (ending.aborted && result.kind !== 'status') return undefined
      queries.push({ after, result })
      retryAfter = result.kind === 'status' ? 0 : (result.error.retryAfter ?? 0)
      const verdict = verdictOf(result)
      if (verdict !== undefined) return verdict
    }
  })
  if (verdict !== undefined) return { ...verdict, queries }
  const aborted = waitSignal(options)?.aborted === true
  if (!aborted && neverFound(queries)) return { outcome: 'notRunning', queries }
  return { outcome: 'unconfirmed', aborted, queries }
}

const verdictOf = (result: QueryResult): Verdict | undefined => {
  if (result.kind !== 'status') return undefined
  const { status } = result
  if (CONFIRMING_STATUSES.has(status)) return { outcome: 'confirmed', status }
  return ENDED_STATUSES.has(status) ? { outcome: 'notRunning' } : undefined
}

/**
 * Whether no query found the task, and 404s span at least the backoff up to the last query. Once the task was found in
 * any status, a 404 may be an unfinished failover.
 */
const neverFound = (queries: readonly ConfirmQuery[]): boolean => {
  if (queries.some(({ result }) => result.kind === 'status')) return false
  const first = queries.find(({ result }) => result.kind === 'notFound')
  const last = queries.at(-1)
  if (first === undefined || last?.result.kind !== 'notFound') return false
  return last.after - first.after >= NOT_FOUND_BACKOFF
}
