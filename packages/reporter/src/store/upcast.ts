/**
 * Brings a stored recording of an earlier version into today's form, before it is checked. Fields that were added later have
 * defaults in the schema; here is what moved or was removed.
 */
export const upcast = (body: unknown): unknown => {
  if (!isObject(body) || !Array.isArray(body.attempts)) return body
  return [moveAttemptDeadlines, dropOnGiveUp].reduce((upcasted, step) => step(upcasted), body)
}

type Body = Record<string, unknown>

const isObject = (value: unknown): value is Body => typeof value === 'object' && value !== null

const ATTEMPT_DEADLINES = ['confirmBy', 'loadBy', 'beatBy', 'healthyBy', 'queryAt']

/** Until 0.1 all deadlines were the recording's, and a postponed start was told by `retryAt` beside a live attempt. */
const moveAttemptDeadlines = (body: Body): Body => {
  const attempts = body.attempts as Body[]
  const deadlines = isObject(body.deadlines) ? body.deadlines : {}
  const newest = attempts.at(-1)
  const isLive = newest?.state === 'starting' || newest?.state === 'current'
  if (!newest || !isLive || 'deadlines' in newest) return body
  const entries = Object.entries(deadlines)
  const isOfAttempt = ([name]: [string, unknown]) => ATTEMPT_DEADLINES.includes(name)
  const moved = {
    ...newest,
    postponed: deadlines.retryAt !== undefined,
    deadlines: Object.fromEntries(entries.filter(isOfAttempt)),
  }
  return {
    ...body,
    attempts: [...attempts.slice(0, -1), moved],
    deadlines: Object.fromEntries(entries.filter((entry) => !isOfAttempt(entry))),
  }
}

/** Giving up became slow retries: a running attempt is always kept. */
const dropOnGiveUp = (body: Body): Body => {
  if (!isObject(body.policy) || !('onGiveUp' in body.policy)) return body
  const { onGiveUp: _, ...policy } = body.policy
  return { ...body, policy }
}
