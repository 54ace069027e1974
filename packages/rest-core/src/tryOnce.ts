import type { z } from 'zod'
import type { CallName } from './call.ts'
import { classify, type Verdict } from './classify.ts'
import type { CallOptions } from './client.ts'
import { type Decoded, decode } from './decode.ts'
import { exchange, type Outgoing, type Reply } from './exchange.ts'
import type { LogEntry } from './log.ts'
import { noLog, type Settings } from './options.ts'
import type { QuotaGrant } from './quota/quota.ts'
import { type Requests, ROUTES } from './routes.ts'

/** How one call's request is checked and its answer read. */
export interface CallSchemas<Name extends CallName, Answer> {
  name: Name
  request: z.ZodType<Requests[Name]>
  answer: z.ZodType<Answer>
}

/** A call under way: what all its tries have in common. */
export interface Course<Name extends CallName, Answer> {
  settings: Settings
  schemas: CallSchemas<Name, Answer>
  /** Checked. */
  request: Requests[Name]
  options: CallOptions
  /** The deadline, by the client's clock. */
  endsAt: number
}

/** One try that was made. */
export interface Try<Answer> {
  call: CallName
  base: string
  tries: number
  queuedMs: number
  elapsedMs: number
  reply: Reply
  decoded: Decoded<Answer>
  verdict: Verdict
}

/** The right to make one try, and how long it had to be waited for. */
export interface Turn {
  grant: QuotaGrant
  queuedMs: number
}

/** One HTTP request and what to make of its answer. Never rejects. */
export const tryOnce = async <Name extends CallName, Answer>(
  { settings, schemas, request, options, endsAt }: Course<Name, Answer>,
  base: string,
  { grant, queuedMs }: Turn,
  tries: number,
): Promise<Try<Answer>> => {
  const { clock } = settings
  const call = schemas.name
  const started = clock.now()
  const timeoutMs = Math.min((options.timeout ?? settings.timeout) * 1000, endsAt - started)
  const limits = { timeoutMs, signal: options.signal }
  const reply = await exchange(settings.fetch, outgoingOf(settings, base, call, request), limits, clock)
  const decoded = decode(call, reply, schemas.answer)
  const verdict = classify(decoded.evidence)
  grant.settle(verdict.kind === 'done' ? resourceOf(reply) : undefined)
  const elapsedMs = clock.now() - started
  const each = { call, base, tries, queuedMs, elapsedMs, reply, decoded, verdict }
  writeLog(settings.log, each)
  return each
}

const outgoingOf = <Name extends CallName>(
  { appId, authorization }: Settings,
  base: string,
  name: Name,
  request: Requests[Name],
): Outgoing => {
  const route = ROUTES[name]
  const body = route.body(request)
  return {
    method: route.method,
    url: `${base}${route.path(appId, request)}`,
    headers: { authorization, 'content-type': 'application/json;charset=utf-8', accept: 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  }
}

const resourceOf = ({ json }: Reply): string | undefined =>
  typeof json?.resourceId === 'string' ? json.resourceId : undefined

const writeLog = (log: Settings['log'], each: Try<unknown>): void => {
  if (log === noLog) return
  const { call, base, tries, queuedMs, elapsedMs, reply, decoded, verdict } = each
  const { host } = new URL(base)
  const level = verdict.kind === 'done' ? 'debug' : 'warn'
  const { status, code, fault } = decoded.evidence
  const what = status === undefined ? fault : `HTTP ${status}${code === undefined ? '' : ` code ${code}`}`
  const { meaning } = verdict
  const message = `${call} → ${host}: ${what} (${meaning}) in ${elapsedMs} ms`
  const { requestId } = reply
  const answer = { status, code, fault, meaning, requestId }
  guarded(log, { level, message, call, host, tries, queuedMs, elapsedMs, ...answer })
}

/** A logger that throws must not cost the caller the sid in the answer. */
export const guarded = (log: Settings['log'], entry: LogEntry): void => {
  try {
    log(entry)
  } catch (error) {
    process.emitWarning(`The log function of the cloud recording client threw: ${String(error)}`)
  }
}
