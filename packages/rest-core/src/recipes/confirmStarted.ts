import type { CallOptions, CloudRecording } from '../client.ts'
import type { TaskAddress } from '../requests/identity.ts'
import { paused } from './attempt.ts'
import { CONFIRMING_STATUSES, ENDED_STATUSES, look, type Sighting } from './look.ts'
import { LONGEST_FAILOVER, notFoundBackOff } from './notFoundPatience.ts'
import { within } from './within.ts'

export type ConfirmOptions = CallOptions & {
  /** Seconds from the call of this recipe, which belongs right after start's answer. Default 90. */
  limit?: number
}

/** One query of the recipe. `after` is the sum of the waits before it, in seconds. */
export interface ConfirmEvidence {
  after: number
  sighting: Sighting
}

export type ConfirmResult =
  /** Status 4 or 5. */
  | { outcome: 'confirmed'; status: number; evidence: ConfirmEvidence[] }
  /** Status 7, 8 or 20, or nothing but 404 to the end. It does not run; start anew with another uid. */
  | { outcome: 'gone'; evidence: ConfirmEvidence[] }
  /** Neither was seen within the limit, or before the caller's signal (`aborted`). It may be running. */
  | { outcome: 'unconfirmed'; aborted: boolean; evidence: ConfirmEvidence[] }

/**
 * Seconds before each query: 5 after the sid, then 5, 10, 15 and every 15 (Agora, web page recording best
 * practices: query 5 s after start, again after 5, 10, 15 s; not there after 90 s, it did not start or quit).
 */
const WAITS: readonly number[] = [5, 5, 10, 15]
const LAST_WAIT = 15

/**
 * Asks until a recording that was started is seen to run. A 404 is no death inside the failover window (up to
 * 90 s, as long as this recipe lasts), and a 50x says nothing, so both are asked about again.
 *
 * Rejects with the query's error if Agora refuses it (400, 401, 403 …) or the task's address is wrong; all else is an
 * outcome.
 */
export const confirmStarted = async (
  client: CloudRecording,
  task: TaskAddress,
  { limit = LONGEST_FAILOVER, signal, timeout }: ConfirmOptions = {},
): Promise<ConfirmResult> => {
  const evidence: ConfirmEvidence[] = []
  const early = await within(client, limit, signal, async (either) => {
    for (let query = 0, after = 0; ; query++) {
      const wait = WAITS[query] ?? LAST_WAIT
      if (!(await paused(client, wait, either))) return undefined
      after += wait
      const sighting = await look(client, task, { signal: either, timeout })
      if (either.aborted && sighting.kind !== 'status') return undefined
      evidence.push({ after, sighting })
      const outcome = outcomeOf(sighting)
      if (outcome !== undefined) return outcome
    }
  })
  if (early !== undefined) return { ...early, evidence }
  const aborted = signal?.aborted === true
  if (!aborted && neverThere(evidence)) return { outcome: 'gone', evidence }
  return { outcome: 'unconfirmed', aborted, evidence }
}

const outcomeOf = (
  sighting: Sighting,
): { outcome: 'confirmed'; status: number } | { outcome: 'gone' } | undefined => {
  if (sighting.kind !== 'status') return undefined
  const { status } = sighting
  if (CONFIRMING_STATUSES.has(status)) return { outcome: 'confirmed', status }
  return ENDED_STATUSES.has(status) ? { outcome: 'gone' } : undefined
}

/**
 * It was never seen, and 404s say so for at least the back-off and up to the end. Once seen in any status, a
 * 404 may be a failover that has not ended yet.
 */
const neverThere = (evidence: readonly ConfirmEvidence[]): boolean => {
  if (evidence.some(({ sighting }) => sighting.kind === 'status')) return false
  const first = evidence.find(({ sighting }) => sighting.kind === 'notFound')
  const last = evidence.at(-1)
  if (first === undefined || last?.sighting.kind !== 'notFound') return false
  return last.after - first.after >= notFoundBackOff
}
