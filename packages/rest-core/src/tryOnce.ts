import type { z } from 'zod'
import type { CallName } from './call.ts'
import { classify, type Verdict } from './classify.ts'
import type { CallOptions } from './cloudRecording.ts'
import { type Decoded, decode } from './decode.ts'
import { exchange, type OutgoingRequest, type RawAnswer } from './exchange.ts'
import { mergeHeaders } from './headers.ts'
import { logSafely, noLog, type TryEntry } from './log.ts'
import type { Settings } from './options.ts'
import type { Permit } from './permit.ts'
import { type Requests, ROUTES } from './routes.ts'
import type { Secret } from './secrets.ts'
import { type Trouble, troubleOf } from './trouble.ts'

/** The schemas of a call's request and answer. */
export interface CallSchemas<Name extends CallName, Answer> {
  name: Name
  request: z.ZodType<Requests[Name]>
  answer: z.ZodType<Answer>
}

/** What all tries of a call have in common. */
export interface CallContext<Name extends CallName, Answer> {
  settings: Settings
  schemas: CallSchemas<Name, Answer>
  /** Validated. */
  request: Requests[Name]
  /** Values of the request and the options that must not appear in an error. */
  secrets(): readonly Secret[]
  options: CallOptions
  /** Time of the deadline on the client's clock. */
  deadlineAt: number
}

/** One try and its result. */
export interface Try<Answer> {
  call: CallName
  base: string
  tries: number
  queuedMs: number
  elapsedMs: number
  answer: RawAnswer
  decoded: Decoded<Answer>
  verdict: Verdict
}

/** Sends one HTTP request and classifies its answer. Never rejects. */
export const tryOnce = async <Name extends CallName, Answer>(
  { settings, schemas, request, options, deadlineAt }: CallContext<Name, Answer>,
  base: string,
  { grant, queuedMs, headers }: Permit,
  tries: number,
): Promise<Try<Answer>> => {
  const { clock } = settings
  const call = schemas.name
  const startedAt = clock.now()
  const timeoutMs = Math.min((options.timeout ?? settings.timeout) * 1000, deadlineAt - startedAt)
  const limits = { timeoutMs, signal: options.signal }
  const unadorned = requestOf(settings, base, call, request)
  const outgoing = { ...unadorned, headers: mergeHeaders(unadorned.headers, headers) }
  const answer = await exchange(settings.fetch, outgoing, limits, clock)
  const decoded = decode(call, answer, schemas.answer)
  const verdict = classify(decoded.observation)
  grant.release(verdict.remedy === 'done' ? resourceOf(answer) : undefined)
  const elapsedMs = clock.now() - startedAt
  const result = { call, base, tries, queuedMs, elapsedMs, answer, decoded, verdict }
  writeLog(settings.log, result)
  return result
}

export const urlOf = <Name extends CallName>(
  base: string,
  appId: string,
  name: Name,
  request: Requests[Name],
): string => `${base}${ROUTES[name].path(appId, request)}`

const requestOf = <Name extends CallName>(
  { appId, authorization, headers }: Settings,
  base: string,
  name: Name,
  request: Requests[Name],
): OutgoingRequest => {
  const route = ROUTES[name]
  const body = route.body(request)
  return {
    method: route.method,
    url: urlOf(base, appId, name, request),
    headers: { ...headers, authorization, 'content-type': 'application/json;charset=utf-8' },
    body: body === undefined ? undefined : JSON.stringify(body),
  }
}

const resourceOf = ({ json }: RawAnswer): string | undefined =>
  typeof json?.resourceId === 'string' ? json.resourceId : undefined

/** By what a person must do: a full quota frees up, and the state of a task is the caller's business. */
const LEVELS: Readonly<Record<Trouble, TryEntry['level']>> = {
  request: 'warn',
  account: 'warn',
  way: 'warn',
  service: 'warn',
  capacity: 'info',
  task: 'info',
  caller: 'debug',
}

const writeLog = (log: Settings['log'], result: Try<unknown>): void => {
  if (log === noLog) return
  const { call, base, tries, queuedMs, elapsedMs, answer, decoded, verdict } = result
  const { host } = new URL(base)
  const { status, code, fault } = decoded.observation
  const what = status === undefined ? fault : `HTTP ${status}${code === undefined ? '' : ` code ${code}`}`
  const { meaning } = verdict
  const level = meaning === 'success' ? 'debug' : LEVELS[troubleOf({ verdict, code, tries })]
  const message = `${call} → ${host}: ${what} (${meaning}) in ${elapsedMs} ms`
  const details = { status, code, fault, meaning, requestId: answer.requestId }
  logSafely(log, { level, message, call, host, tries, queuedMs, elapsedMs, ...details })
}
