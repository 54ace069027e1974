import { type Draft, disarm } from './draft.ts'
import type { Attempt } from './recording.ts'

/**
 * Queries Agora now, unless such a query is in flight. An urgent query, one that a decision depends on, does not wait
 * behind the periodic ones: with thousands of recordings and a small quota that takes minutes.
 */
export const requestQuery = (
  draft: Draft,
  attempt: Attempt,
  { urgent = isUrgent(attempt) }: { urgent?: boolean } = {},
): void => {
  disarm(attempt, 'queryAt')
  const { query, number } = attempt
  const kind = urgent ? 'query' : 'routineQuery'
  if (attempt.sid === null || query.asking === 'query' || query.asking === kind) return
  query.asking = kind
  draft.effects.push({ kind, attempt: number })
}

/** An unclear answer is not urgent: during an outage of Agora every recording has one. */
export const isUrgent = ({ confirmedAt, suspicion, query }: Attempt): boolean =>
  confirmedAt === null || suspicion !== null || query.notFoundSince !== null || query.exitedSince !== null

/** Queries Agora within `seconds`, unless a query is in flight. */
export const requestQueryWithin = (draft: Draft, attempt: Attempt, seconds: number): void => {
  if (attempt.query.asking !== null) return
  const { queryAt = Number.POSITIVE_INFINITY } = attempt.deadlines
  attempt.deadlines.queryAt = Math.min(queryAt, draft.now + seconds * 1000)
}

/** Agora's latest answers deny that the task records. */
export const isDoubtful = ({ notFoundSince, exitedSince, unsettledSince }: Attempt['query']): boolean =>
  notFoundSince !== null || exitedSince !== null || unsettledSince !== null
