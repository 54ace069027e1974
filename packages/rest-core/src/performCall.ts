import { z } from 'zod'
import type { CallName } from './call.ts'
import { classify, type Effect, type Verdict } from './classify.ts'
import type { CallOptions } from './client.ts'
import { type Decoded, decode } from './decode.ts'
import { errorOf } from './errorOf.ts'
import { type CloudRecordingError, InvalidRequestError } from './errors.ts'
import { exchange, type Outgoing, type Reply } from './exchange.ts'
import { describeIssues, issuesOf } from './issues.ts'
import type { LogEntry } from './log.ts'
import { type Settings, timeoutSchema } from './options.ts'
import { type Requests, routes } from './routes.ts'
import { harmless, redact, secretsOf } from './secrets.ts'

/** How one call's request is checked and its answer read. */
export type CallSchemas<Name extends CallName, Answer> = {
  name: Name
  request: z.ZodType<Requests[Name]>
  answer: z.ZodType<Answer>
}

/** One try that was made. */
type Try<Answer> = {
  call: CallName
  host: string
  tries: number
  elapsedMs: number
  reply: Reply
  decoded: Decoded<Answer>
  verdict: Verdict
}

/**
 * Sends a call, one try per base URL, until a verdict is other than `nextHost` or the URLs are used up.
 * Rejects with the {@link CloudRecordingError} of the last try.
 */
export async function performCall<Name extends CallName, Answer>(
  settings: Settings,
  schemas: CallSchemas<Name, Answer>,
  request: Requests[Name],
  options: CallOptions = {},
): Promise<Answer> {
  const checked = checkRequest(schemas, request, options)
  const secrets = [...settings.secrets, ...secretsOf(checked)]
  let effect: Effect = 'none'
  let failed: CloudRecordingError | undefined
  for (const [before, base] of settings.baseUrls.entries()) {
    if (options.signal?.aborted) throw abortedBetween(schemas.name, before, effect)
    const outgoing = outgoingOf(settings, base, schemas.name, checked)
    const each = await tryOnce(settings, schemas, outgoing, options, before + 1)
    writeLog(settings, each)
    if (each.verdict.kind === 'done' && each.decoded.answer !== undefined) return each.decoded.answer
    effect = effectOfBoth(effect, each.verdict.effect)
    failed = failure(each, effect, secrets)
    if (each.verdict.kind !== 'nextHost') break
  }
  // The settings have at least one base URL, so there was a try and it failed.
  throw failed
}

/** A lost try may have taken effect; a later try that certainly did nothing does not undo that. */
function effectOfBoth(before: Effect, now: Effect): Effect {
  return before === 'unknown' && now === 'none' ? 'unknown' : now
}

function checkRequest<Name extends CallName>(
  { name, request: schema }: { name: Name; request: z.ZodType<Requests[Name]> },
  request: Requests[Name],
  { timeout }: CallOptions,
): Requests[Name] {
  const parsed = schema.safeParse(request)
  const options = z.object({ timeout: timeoutSchema.optional() }).safeParse({ timeout })
  const issues = [parsed, options].flatMap(({ error }) => (error === undefined ? [] : issuesOf(error)))
  if (issues.length === 0 && parsed.data !== undefined) return parsed.data
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

function outgoingOf<Name extends CallName>(
  { appId, authorization }: Settings,
  base: string,
  name: Name,
  request: Requests[Name],
): Outgoing {
  const route = routes[name]
  const body = route.body(request)
  return {
    method: route.method,
    url: `${base}${route.path(appId, request)}`,
    headers: { authorization, 'content-type': 'application/json;charset=utf-8', accept: 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  }
}

async function tryOnce<Name extends CallName, Answer>(
  settings: Settings,
  schemas: CallSchemas<Name, Answer>,
  outgoing: Outgoing,
  options: CallOptions,
  tries: number,
): Promise<Try<Answer>> {
  const started = settings.clock.now()
  const reply = await exchange(settings.fetch, outgoing, {
    timeoutMs: (options.timeout ?? settings.timeout) * 1000,
    signal: options.signal,
  })
  const decoded = decode(schemas.name, reply, schemas.answer)
  return {
    call: schemas.name,
    host: new URL(outgoing.url).host,
    tries,
    elapsedMs: settings.clock.now() - started,
    reply,
    decoded,
    verdict: classify(decoded.evidence),
  }
}

function writeLog({ log }: Settings, each: Try<unknown>): void {
  const { call, host, tries, elapsedMs, reply, decoded, verdict } = each
  const level = verdict.kind === 'done' ? 'debug' : 'warn'
  const { status, code, fault } = decoded.evidence
  const what = status === undefined ? fault : `HTTP ${status}${code === undefined ? '' : ` code ${code}`}`
  const message = `${call} → ${host}: ${what} (${verdict.meaning}) in ${elapsedMs} ms`
  const { requestId } = reply
  const { meaning } = verdict
  guarded(log, { level, message, call, host, tries, elapsedMs, status, code, fault, meaning, requestId })
}

/** A logger that throws must not cost the caller the sid in the answer. */
function guarded(log: Settings['log'], entry: LogEntry): void {
  try {
    log(entry)
  } catch (error) {
    process.emitWarning(`The log function of the cloud recording client threw: ${String(error)}`)
  }
}

function failure(each: Try<unknown>, effect: Effect, secrets: readonly string[]): CloudRecordingError {
  const { call, host, tries, reply, decoded, verdict } = each
  const { status, code, fault, retryAfter } = decoded.evidence
  return errorOf({
    call,
    host,
    tries,
    status,
    code,
    fault,
    retryAfter,
    reason: decoded.reason === undefined ? undefined : redact(decoded.reason, secrets).slice(0, 500),
    requestId: reply.requestId,
    cause: reply.cause === undefined ? undefined : harmless(reply.cause, secrets),
    verdict: { ...verdict, effect },
    sid: decoded.sid,
  })
}

function abortedBetween(call: CallName, tries: number, effect: Effect): CloudRecordingError {
  return errorOf({
    call,
    tries,
    verdict: { meaning: 'aborted', kind: 'giveUp', delays: [], exhausted: 'giveUp', effect },
  })
}
