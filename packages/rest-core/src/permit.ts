import type { CallName } from './call.ts'
import { InvalidOptionsError } from './errors.ts'
import { headersSchema } from './headers.ts'
import { HOST_BACKOFF } from './hosts.ts'
import { issuesOf } from './issues.ts'
import { onAbort } from './onAbort.ts'
import type { Settings } from './options.ts'
import type { QuotaGrant } from './quota/quotaTypes.ts'
import { ROUTES } from './routes.ts'
import { type CallContext, urlOf } from './tryOnce.ts'
import { waitSignal } from './waitSignal.ts'

/** Permission for one try, how long the call waited for it, and the headers that `beforeRequest` adds to it. */
export interface Permit {
  grant: QuotaGrant
  queuedMs: number
  headers: Readonly<Record<string, string>>
}

/** Why no further try is made. */
export type Refusal = 'aborted' | 'expired'

/** Backoffs are longer than documented by up to this fraction, never shorter. */
const JITTER = 0.2

/**
 * Waits for the backoff, for `beforeRequest` and then in the quota's queue, at most until the deadline. The quota comes
 * last, because Agora counts requests when they arrive: whatever takes time after it would let them arrive together.
 *
 * Rejects with what the caller's functions throw.
 */
export const waitForPermit = async <Name extends CallName, Answer>(
  context: CallContext<Name, Answer>,
  base: string,
  tries: number,
): Promise<Permit | Refusal> => {
  const { settings, schemas, request, options, deadlineAt } = context
  const { clock, quota, appId } = settings
  const signal = waitSignal(options)
  if (signal?.aborted) return 'aborted'
  const waitMs = backoffMs(settings, tries)
  if (waitMs > 0) {
    if (clock.now() + waitMs >= deadlineAt) return 'expired'
    if (!(await sleepUnlessAborted(settings, waitMs, signal))) return 'aborted'
  }
  const headers = await addedHeaders(context, base, tries)
  if (typeof headers === 'string') return headers
  const queuedAt = clock.now()
  const resourceId = 'resourceId' in request ? request.resourceId : undefined
  const maxWaitMs = deadlineAt - queuedAt
  const grant = await quota.take({ appId, call: schemas.name, resourceId, signal, maxWaitMs })
  if (typeof grant === 'string') return grant
  const queuedMs = clock.now() - queuedAt
  let refusal: Refusal | undefined = 'aborted'
  try {
    refusal = await refusalOf(context)
    return refusal ?? { grant, queuedMs, headers }
  } finally {
    if (refusal !== undefined) grant.release()
  }
}

/** Seconds before the n-th try of a call. */
export const hostBackoff = (tries: number): number =>
  tries === 1 ? 0 : (HOST_BACKOFF[tries - 2] ?? HOST_BACKOFF.at(-1) ?? 0)

const backoffMs = ({ backoffScale, random }: Settings, tries: number): number =>
  hostBackoff(tries) * 1000 * backoffScale * (1 + JITTER * random())

/** Resolves to false if the caller's signal ended the sleep early. */
const sleepUnlessAborted = async (
  { clock }: Settings,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<boolean> => {
  try {
    await clock.sleep(ms, signal)
    return true
  } catch (error) {
    if (signal?.aborted) return false
    throw error
  }
}

/** The headers that `beforeRequest` returns for this try. */
const addedHeaders = async <Name extends CallName, Answer>(
  context: CallContext<Name, Answer>,
  base: string,
  tries: number,
): Promise<Permit['headers'] | Refusal> => {
  const { settings, schemas, request } = context
  const { appId, beforeRequest } = settings
  if (beforeRequest === undefined) return {}
  const call = schemas.name
  const details = { call, method: ROUTES[call].method, url: urlOf(base, appId, call, request), tries }
  const returned = await resultInTime(context, () => beforeRequest(details))
  if (typeof returned === 'string') return returned
  const { data, error } = headersSchema.safeParse(returned.result ?? {})
  if (error === undefined) return data
  const issues = issuesOf(error).map(({ path, message }) => ({
    path: path === '' ? 'beforeRequest' : `beforeRequest.${path}`,
    message,
  }))
  throw new InvalidOptionsError(issues)
}

/** Why a try that the quota has granted is not made; undefined if it is. */
const refusalOf = async <Name extends CallName, Answer>(
  context: CallContext<Name, Answer>,
): Promise<Refusal | undefined> => {
  const { settings, options, deadlineAt } = context
  const { mayTry } = options
  const may = mayTry === undefined ? { result: true } : await resultInTime(context, mayTry)
  if (typeof may === 'string') return may
  if (!may.result) return 'aborted'
  return settings.clock.now() < deadlineAt ? undefined : 'expired'
}

/**
 * Calls a function of the caller and awaits its result until the deadline, or until the caller's signals abort. What the
 * function does later is ignored.
 */
const resultInTime = async <Name extends CallName, Answer, Result>(
  { settings: { clock }, options, deadlineAt }: CallContext<Name, Answer>,
  callback: () => Result | Promise<Result>,
): Promise<{ result: Result } | Refusal> => {
  const signal = waitSignal(options)
  if (signal?.aborted) return 'aborted'
  const stop = new AbortController()
  const forget = signal && onAbort(signal, () => stop.abort())
  const refusal = clock.sleep(deadlineAt - clock.now(), stop.signal).then(
    (): Refusal => 'expired',
    (error): Refusal => {
      if (stop.signal.aborted) return 'aborted'
      throw error
    },
  )
  try {
    const called = async (): Promise<{ result: Result }> => ({ result: await callback() })
    return await Promise.race([called(), refusal])
  } finally {
    forget?.()
    stop.abort()
  }
}
