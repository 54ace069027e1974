/** The field of a stored body that holds the version of its form. It is no part of the recording. */
export const BODY_VERSION_FIELD = 'bodyVersion'

export type Body = Record<string, unknown>

/** Brings a body of one version into the next version's form. Pure; its result shares what it does not change. */
type Upcaster = (body: Body) => Body

const isObject = (value: unknown): value is Body => typeof value === 'object' && value !== null

/**
 * Bodies had no version until 0.1. All their forms become version 1: fields that were added meanwhile have defaults in the
 * schema, and here is what moved, changed its type or was removed.
 */
const upcastUnversioned: Upcaster = (body) =>
  [moveAttemptDeadlines, nameQueries, resumeKept, dropOnGiveUp].reduce(
    (upcasted, step) => step(upcasted),
    body,
  )

/** All attempts were in the body, so the number of the next one followed from their number. */
const countAttempts: Upcaster = (body) => ({ ...body, attemptCount: (body.attempts as Body[]).length })

/**
 * The upcaster at index n turns version n into n + 1. Never change one that was released. Settled attempts pass through them
 * in a body that has nothing but `attempts`.
 */
const UPCASTERS: readonly Upcaster[] = [upcastUnversioned, countAttempts]

/** Of the bodies that are written now. A change of a field's meaning, type or place needs a further upcaster. */
export const BODY_VERSION: number = UPCASTERS.length

/**
 * Brings a stored recording of an earlier version into today's form, before it is parsed. The body of a newer version is
 * returned unchanged: the schema reads what it knows of it.
 */
export const upcast = (body: unknown): unknown => {
  if (!isObject(body) || !Array.isArray(body.attempts) || !body.attempts.every(isObject)) return body
  const version = Number(body[BODY_VERSION_FIELD] ?? 0)
  return UPCASTERS.slice(version).reduce((upcasted, step) => step(upcasted), body)
}

/** The same for a settled attempt, which has the version of the body that it was part of. */
export const upcastAttempt = (attempt: unknown): unknown => {
  if (!isObject(attempt)) return attempt
  const body = upcast({ [BODY_VERSION_FIELD]: attempt[BODY_VERSION_FIELD], attempts: [attempt] })
  return (body as { attempts: Body[] }).attempts[0]
}

const ATTEMPT_DEADLINES = ['confirmBy', 'loadBy', 'beatBy', 'healthyBy', 'queryAt']

/** All deadlines were the recording's, and `retryAt` beside a live attempt meant that its start was postponed. */
const moveAttemptDeadlines: Upcaster = (body) => {
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

/** `query.asking` was a boolean: whether any query was in flight. */
const nameQueries: Upcaster = (body) => ({
  ...body,
  attempts: (body.attempts as Body[]).map((attempt) =>
    isObject(attempt.query) && typeof attempt.query.asking === 'boolean'
      ? { ...attempt, query: { ...attempt.query, asking: attempt.query.asking ? 'query' : null } }
      : attempt,
  ),
})

const SOFT_CODES = ['page_never_contacted', 'page_not_loaded', 'page_silent', 'page_unhealthy']

/**
 * Giving up became slow retries: a recording that gave up and kept an attempt with a broken page goes on, and its next
 * attempt is due. One that ended as `failed` stays as it is: a user may have made another in its place.
 */
const resumeKept: Upcaster = (body) => {
  const { gaveUp, policy, attempts, desired, deadlines } = body
  const { final } = Object(Object(policy).restart) as Body
  const isKept = (attempts as Body[]).some(({ state }) => state === 'current')
  const isSoft = isObject(gaveUp) && SOFT_CODES.includes(String(gaveUp.code))
  if (!isKept || !isSoft || final === true || desired !== 'running') return body
  return { ...body, gaveUp: null, replacing: gaveUp, deadlines: { ...Object(deadlines), retryAt: 0 } }
}

/** The policy no longer says what becomes of a running attempt: it is always kept. */
const dropOnGiveUp: Upcaster = (body) => {
  if (!isObject(body.policy) || !('onGiveUp' in body.policy)) return body
  const { onGiveUp: _, ...policy } = body.policy
  return { ...body, policy }
}
