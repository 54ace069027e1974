import { z } from 'zod'
import type { CallName } from './call.ts'
import type { Effect, Verdict } from './classify.ts'
import type { CallOptions } from './client.ts'
import { errorOf } from './errorOf.ts'
import { type CloudRecordingError, InvalidRequestError } from './errors.ts'
import { climb, RUNG_WAITS } from './hosts.ts'
import { describeIssues, issuesOf } from './issues.ts'
import { deadlineSchema, type Settings, timeoutSchema } from './options.ts'
import type { Requests } from './routes.ts'
import { harmless, redact, secretsOf } from './secrets.ts'
import { type CallSchemas, type Course, type Try, type Turn, tryOnce } from './tryOnce.ts'

/** Waits between tries are longer than documented by up to this part, never shorter. */
const JITTER = 0.2

/**
 * Sends a call, one try per rung of the host ladder, until a verdict is other than `nextHost`, the rungs are
 * used up, or the deadline leaves no time for another. Every try is charged to the quota. Rejects with the
 * {@link CloudRecordingError} of the last try.
 */
export const performCall = async <Name extends CallName, Answer>(
  settings: Settings,
  schemas: CallSchemas<Name, Answer>,
  request: Requests[Name],
  options: CallOptions = {},
): Promise<Answer> => {
  const checked = checkRequest(schemas, request, options)
  const { clock, hosts } = settings
  const begunAt = clock.now()
  const endsAt = begunAt + (options.deadline ?? settings.deadline) * 1000
  const course: Course<Name, Answer> = { settings, schemas, request: checked, options, endsAt }
  let effect: Effect = 'none'
  let last: Try<Answer> | undefined
  let left = hosts.rungs(begunAt)
  for (let tries = 1; left[0] !== undefined; tries++) {
    const [rung] = left
    const turn = await turnOf(course, tries)
    if (turn === 'aborted') throw abortedBetween(schemas.name, tries - 1, effect)
    if (turn === 'expired') throw failure(course, last, effect, true)
    last = await tryOnce(course, rung.base, turn, tries)
    const { verdict, decoded } = last
    // Only the service answers with a code; a gateway's own answer is no reason to stay with a host.
    if (verdict.kind === 'done' || decoded.evidence.code !== undefined) hosts.won(rung, clock.now())
    if (verdict.kind === 'done' && decoded.answer !== undefined) return decoded.answer
    effect = effectOfBoth(effect, verdict.effect)
    if (verdict.kind !== 'nextHost') throw failure(course, last, effect)
    // A gateway that answers is no network fault, even if its body breaks off.
    left = climb(left.slice(1), verdict.meaning === 'gateway' ? undefined : decoded.evidence.fault)
  }
  hosts.lost()
  throw failure(course, last, effect)
}

/** A lost try may have taken effect; a later try that certainly did nothing does not undo that. */
const effectOfBoth = (before: Effect, now: Effect): Effect =>
  before === 'unknown' && now === 'none' ? 'unknown' : now

const checkRequest = <Name extends CallName>(
  { name, request: schema }: { name: Name; request: z.ZodType<Requests[Name]> },
  request: Requests[Name],
  { timeout, deadline }: CallOptions,
): Requests[Name] => {
  const parsed = schema.safeParse(request)
  // Mostly neither is given, and even this parse can be felt in what a call costs.
  const unlimited = timeout === undefined && deadline === undefined
  const limits = unlimited ? undefined : limitsSchema.safeParse({ timeout, deadline }).error
  if (parsed.success && limits === undefined) return parsed.data
  const issues = [parsed.error, limits].flatMap((error) => (error === undefined ? [] : issuesOf(error)))
  throw new InvalidRequestError(
    `${name}: nothing was sent, the request is wrong: ${describeIssues(issues)}`,
    {
      call: name,
      verdict: { meaning: 'invalidRequest', kind: 'giveUp', delays: [], exhausted: 'giveUp', effect: 'none' },
      tries: 0,
      issues,
    },
  )
}

const limitsSchema = z.object({ timeout: timeoutSchema.optional(), deadline: deadlineSchema.optional() })

/** Waits for the back-off and then in the quota's queue, within the deadline. */
const turnOf = async <Name extends CallName, Answer>(
  { settings, schemas, request, options: { signal, mayTry }, endsAt }: Course<Name, Answer>,
  tries: number,
): Promise<Turn | 'aborted' | 'expired'> => {
  const { clock, quota, appId } = settings
  if (signal?.aborted) return 'aborted'
  const waitMs = backOffMs(settings, tries)
  if (waitMs > 0) {
    if (clock.now() + waitMs >= endsAt) return 'expired'
    if (!(await slept(settings, waitMs, signal))) return 'aborted'
  }
  const queuedAt = clock.now()
  const resourceId = 'resourceId' in request ? request.resourceId : undefined
  const maxWaitMs = endsAt - queuedAt
  const grant = await quota.take({ appId, call: schemas.name, resourceId, signal, maxWaitMs })
  if (typeof grant === 'string') return grant
  const queuedMs = clock.now() - queuedAt
  let turn: Turn | 'aborted' | 'expired' = 'aborted'
  try {
    if (mayTry === undefined || (await mayTry()))
      turn = clock.now() < endsAt ? { grant, queuedMs } : 'expired'
    return turn
  } finally {
    if (typeof turn === 'string') grant.settle()
  }
}

const backOffMs = ({ backoffScale, random }: Settings, tries: number): number => {
  if (tries === 1) return 0
  const seconds = RUNG_WAITS[tries - 2] ?? RUNG_WAITS.at(-1) ?? 0
  return seconds * 1000 * backoffScale * (1 + JITTER * random())
}

/** Whether the wait ended by itself, not by the caller's signal. */
const slept = async ({ clock }: Settings, ms: number, signal: AbortSignal | undefined): Promise<boolean> => {
  try {
    await clock.sleep(ms, signal)
    return true
  } catch (error) {
    if (signal?.aborted) return false
    throw error
  }
}

/** The error of the last try, or of a call whose deadline passed before there was one. */
const failure = <Name extends CallName, Answer>(
  { settings, schemas, request }: Course<Name, Answer>,
  last: Try<Answer> | undefined,
  effect: Effect,
  expired: boolean = false,
): CloudRecordingError => {
  if (last === undefined) return errorOf({ call: schemas.name, tries: 0, expired, verdict: NEVER_LEFT })
  const { call, base, tries, reply, decoded, verdict } = last
  const { status, code, fault, retryAfter } = decoded.evidence
  const secrets = [...settings.secrets, ...secretsOf(request)]
  return errorOf({
    call,
    host: new URL(base).host,
    tries,
    status,
    code,
    fault,
    retryAfter,
    expired,
    reason: decoded.reason === undefined ? undefined : redact(decoded.reason, secrets).slice(0, 500),
    requestId: reply.requestId,
    cause: reply.cause === undefined ? undefined : harmless(reply.cause, secrets),
    verdict: { ...verdict, effect },
    sid: decoded.sid,
  })
}

// The quota's queue was too long: later the same call may pass.
const NEVER_LEFT: Verdict = {
  meaning: 'timeout',
  kind: 'retrySame',
  delays: [],
  exhausted: 'giveUp',
  effect: 'none',
}

const abortedBetween = (call: CallName, tries: number, effect: Effect): CloudRecordingError =>
  errorOf({
    call,
    tries,
    verdict: { meaning: 'aborted', kind: 'giveUp', delays: [], exhausted: 'giveUp', effect },
  })
