import { z } from 'zod'
import type { CallName } from './call.ts'
import { type Outcome, type Verdict, withRetryAfter } from './classify.ts'
import type { CallOptions } from './cloudRecording.ts'
import { abortedError, callbackError, errorOf } from './errorOf.ts'
import { type CloudRecordingError, InvalidRequestError } from './errors.ts'
import { nextHosts } from './hosts.ts'
import { describeIssues, issuesOf } from './issues.ts'
import { deadlineSchema, type Settings, timeoutSchema } from './options.ts'
import { hostBackoff, waitForPermit } from './permit.ts'
import { textsAt, unknownFieldsOf } from './requests/unknownFields.ts'
import { type AnswerResponse, rememberResponse } from './responseOf.ts'
import { type Requests, ROUTES } from './routes.ts'
import { redact, type Secret, secretsOf, secretsOfHeaders, withoutSecrets } from './secrets.ts'
import { type CallContext, type CallSchemas, type Try, tryOnce } from './tryOnce.ts'

/**
 * Sends a call, one try per host, until the verdict is other than `nextHost`, all hosts were tried, or the deadline
 * leaves no time for another try. A host that asks for a longer pause (`Retry-After`) is not tried again. Every try
 * counts against the quota. Rejects with the {@link CloudRecordingError} of the last try, whose delays are no shorter than
 * any of the hosts has asked for.
 */
export const performCall = async <Name extends CallName, Answer>(
  settings: Settings,
  schemas: CallSchemas<Name, Answer>,
  request: Requests[Name],
  options: CallOptions = {},
): Promise<Answer> => {
  const { request: checked, secrets } = checkRequest(settings, schemas, request, options)
  const { clock, hosts } = settings
  const startedAt = clock.now()
  const deadlineAt = startedAt + (options.deadline ?? settings.deadline) * 1000
  const added: Secret[] = []
  const context: CallContext<Name, Answer> = {
    settings,
    schemas,
    request: checked,
    secrets: () => [...secrets(), ...added],
    options,
    deadlineAt,
  }
  let outcome: Outcome = 'none'
  // Time on the client's clock before which a host of this call asked not to be tried again.
  let notBefore = 0
  let last: Try<Answer> | undefined
  let remaining = hosts.candidates(startedAt)
  for (let tries = 1; remaining[0] !== undefined; tries++) {
    const [host] = remaining
    const permit = await waitForPermit(context, host.base, tries).catch((thrown: unknown) => {
      throw interrupted(context, thrown, { tries: tries - 1, outcome })
    })
    if (permit === 'aborted') throw abortedError(schemas.name, { tries: tries - 1, outcome })
    if (permit === 'expired') throw failureOf(context, last, { outcome, notBefore, expired: true })
    added.push(...secretsOfHeaders(permit.headers))
    last = await tryOnce(context, host.base, permit, tries)
    const { verdict, decoded } = last
    // Only the service answers with a code. An answer of a gateway is no reason to stay with a host.
    if (verdict.remedy === 'done' || decoded.observation.code !== undefined) {
      hosts.reportSuccess(host, clock.now())
    }
    if (verdict.remedy === 'done' && decoded.answer !== undefined)
      return rememberResponse(decoded.answer, responseTo(last))
    outcome = combineOutcomes(outcome, verdict.outcome)
    const { retryAfter = 0, fault } = decoded.observation
    if (retryAfter > 0) notBefore = Math.max(notBefore, clock.now() + retryAfter * 1000)
    if (verdict.remedy !== 'nextHost') throw failureOf(context, last, { outcome, notBefore })
    // A gateway that answers is no network fault, even if its body is truncated.
    const lostBy = verdict.meaning === 'gateway' ? undefined : fault
    const isTooEarly = retryAfter > hostBackoff(tries + 1)
    const others = remaining.slice(1).filter(({ base }) => !isTooEarly || base !== host.base)
    remaining = nextHosts(others, lostBy)
  }
  hosts.reportFailure()
  throw failureOf(context, last, { outcome, notBefore })
}

const responseTo = ({ call, base, tries, answer }: Try<unknown>): AnswerResponse | undefined => {
  const { status, requestId, json } = answer
  return status === undefined || json === undefined
    ? undefined
    : { call, host: new URL(base).host, tries, status, requestId, json }
}

/** A try whose answer was lost may have succeeded; a later try that certainly did nothing does not change that. */
const combineOutcomes = (before: Outcome, now: Outcome): Outcome =>
  before === 'unknown' && now === 'none' ? 'unknown' : now

/** Validates a request, and logs advice on it. */
const checkRequest = <Name extends CallName>(
  { advise, secrets }: Settings,
  { name, request: schema }: { name: Name; request: z.ZodType<Requests[Name]> },
  request: Requests[Name],
  options: CallOptions,
): { request: Requests[Name]; secrets(): readonly Secret[] } => {
  const { timeout, deadline, unknownFields } = options
  const misnamed = Object.keys(options).filter((option) => !CALL_OPTIONS.has(option))
  const parsed = schema.safeParse(request)
  // Usually neither is given, and even this parse is measurable in what a call costs.
  const hasOverrides = timeout !== undefined || deadline !== undefined
  const overrides = hasOverrides ? overridesSchema.safeParse({ timeout, deadline }).error : undefined
  const areOptionsValid = overrides === undefined && misnamed.length === 0
  if (parsed.success && areOptionsValid) {
    advise(name, request, [])
    return { request: parsed.data, secrets: () => [...secrets, ...secretsOf(request)] }
  }
  // Fields of a GET request would have no place to be sent in.
  const mayBeUnknown = unknownFields === 'send' && ROUTES[name].method === 'POST' && areOptionsValid
  const unknown = mayBeUnknown ? unknownFieldsOf(schema, request) : undefined
  if (unknown !== undefined) {
    const message = 'is not known to this version, and is sent as it is'
    advise(
      name,
      request,
      unknown.map((path) => ({ path: path.join('.'), message })),
    )
    return { request, secrets: () => [...secrets, ...secretsOf(request), ...textsAt(request, unknown)] }
  }
  const issues = [
    ...[parsed.error, overrides].flatMap((error) => (error === undefined ? [] : issuesOf(error))),
    ...misnamed.map((path) => ({ path, message: 'is not an option of a call' })),
  ]
  throw new InvalidRequestError(
    `${name}: nothing was sent, the request is invalid: ${describeIssues(issues)}`,
    {
      call: name,
      verdict: {
        meaning: 'invalidRequest',
        remedy: 'giveUp',
        delays: [],
        whenExhausted: 'giveUp',
        outcome: 'none',
      },
      tries: 0,
      issues,
    },
  )
}

const CALL_OPTIONS: ReadonlySet<string> = new Set([
  'signal',
  'drainSignal',
  'timeout',
  'deadline',
  'mayTry',
  'unknownFields',
] satisfies (keyof CallOptions)[])

const overridesSchema = z.object({ timeout: timeoutSchema.optional(), deadline: deadlineSchema.optional() })

/** The error of the last try, or of a call whose deadline passed before its first try. */
const failureOf = <Name extends CallName, Answer>(
  { settings, schemas, secrets: secretsOfCall }: CallContext<Name, Answer>,
  last: Try<Answer> | undefined,
  { outcome, notBefore, expired = false }: { outcome: Outcome; notBefore: number; expired?: boolean },
): CloudRecordingError => {
  if (last === undefined) return errorOf({ call: schemas.name, tries: 0, expired, verdict: QUEUE_TIMEOUT })
  const secrets = secretsOfCall()
  const { call, base, tries, answer, decoded, verdict } = last
  const { status, code, fault } = decoded.observation
  const waitMs = notBefore - settings.clock.now()
  const retryAfter = waitMs > 0 ? Math.ceil(waitMs / 1000) : decoded.observation.retryAfter
  // A verdict without retries gets none because an earlier host asked for a pause.
  const isPostponed = retryAfter !== undefined && verdict.delays.length > 0
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
    requestId: answer.requestId,
    cause: answer.cause === undefined ? undefined : withoutSecrets(answer.cause, secrets),
    verdict: { ...(isPostponed ? withRetryAfter(verdict, retryAfter) : verdict), outcome },
    sid: decoded.sid,
  })
}

/** The verdict on a call that waited for its first try until its deadline. A retry may succeed. */
const QUEUE_TIMEOUT: Verdict = {
  meaning: 'timeout',
  remedy: 'retrySame',
  delays: [],
  whenExhausted: 'giveUp',
  outcome: 'none',
}

/** The error of a call that a function of the caller ended by throwing. */
const interrupted = <Name extends CallName, Answer>(
  { schemas, secrets }: CallContext<Name, Answer>,
  thrown: unknown,
  ended: { tries: number; outcome: Outcome },
): CloudRecordingError => callbackError(schemas.name, withoutSecrets(thrown, secrets()), ended)
