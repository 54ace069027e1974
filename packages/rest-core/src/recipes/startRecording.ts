import type { AcquireAnswer, StartAnswer } from '../answers/answers.ts'
import type { Meaning } from '../classify.ts'
import type { CallOptions, CloudRecording } from '../cloudRecording.ts'
import { errorOf } from '../errorOf.ts'
import { AlreadyStartedError, type CloudRecordingError, TaskConflictError } from '../errors.ts'
import type { Identity, Mode } from '../requests/identity.ts'
import { type PairRequest, requestPair } from '../requests/requestPair.ts'
import { type Trouble, troubleOf } from '../trouble.ts'
import { waitSignal } from '../waitSignal.ts'
import { notifyListener } from './notifyListener.ts'
import { settleWithRetries } from './retry.ts'

export type StartRecordingRequest = PairRequest & {
  /**
   * The resource of an earlier run whose start may have been sent. The recipe then acquires nothing and sends the same
   * start again, which cannot record twice.
   */
  resourceId?: string
  /** Every resource whose start may have taken effect, as in the earlier run's result. */
  resourceIds?: readonly string[]
  /** When that resource was acquired, as passed to `onResource`. If absent, only Agora knows whether it has expired. */
  acquiredAt?: number
  /**
   * Called between acquire and start, to store the resource before it is used. If it rejects, nothing is started.
   *
   * @param acquiredAt Unix time in milliseconds, by the client's clock
   */
  onResource: (resourceId: string, acquiredAt: number) => Promise<void>
  /**
   * Called immediately before each start is sent, retries included; a notification may have brought the sid meanwhile.
   * If it returns `false`, the start is not sent and the result is that of an abort. If it rejects, so does the recipe,
   * unless an earlier start may have taken effect: then the outcome is `unknown`, and its error's `cause` is what was
   * thrown.
   */
  mayStart?: () => Promise<boolean>
  /** Called if `onResource` takes so long that the first start is sent more than 2 s after acquire's answer. */
  onDelayedStart?: (delayed: DelayedStart) => void
  signal?: AbortSignal
  /** When it aborts, nothing more is sent, and a start that has been sent gets its answer. */
  drainSignal?: AbortSignal
  /** Seconds for one HTTP try, instead of the client's. */
  timeout?: number
  /** As for single calls. */
  unknownFields?: CallOptions['unknownFields']
}

export interface DelayedStart {
  resourceId: string
  /** Milliseconds since acquire's answer. */
  delayMs: number
}

/** What a later run needs to find out whether a start took effect. It can be stored as JSON. */
export type UnresolvedStart = Identity & {
  mode: Mode
  /** The first resource whose start may have taken effect. Pass it to the next run. */
  resourceId: string
  /** Unix time in milliseconds; absent if an earlier run acquired the resource and its `acquiredAt` was not given. */
  acquiredAt?: number
  /** Every resource whose start may have taken effect; at most one of them records. */
  resourceIds: string[]
}

export type StartRecordingResult =
  | { outcome: 'started'; sid: string; resourceId: string }
  /** Our start took effect, but its sid is unknown: the first notification with this cname and uid has it. */
  | ({ outcome: 'running' } & UnresolvedStart)
  | {
      outcome: 'notStarted'
      error: CloudRecordingError
      /** What has to change before a later run can succeed. With `request` no later run can. */
      trouble: Trouble
      /** Whether a later run may succeed without a change of the request or the account. */
      retryable: boolean
      /** false if quota or capacity was exhausted (400/406, 429, 500/502), which says nothing about this recording. */
      countsAsFailure: boolean
      /** true: another client's start already records this cname and uid (400/53). Use another uid. */
      conflict?: boolean
    }
  /** The recording may be running. Run again with this `resourceId`, or find it by its notifications. */
  | ({ outcome: 'unknown'; error: CloudRecordingError } & UnresolvedStart)

interface Resource {
  id: string
  acquiredAt?: number
}

/**
 * A resource is valid for 5 minutes, and start must follow acquire within 2 s.
 *
 * @see https://docs.agora.io/en/cloud-recording/rest-api/acquire
 */
const RESOURCE_LIFETIME_MS = 300_000
const MAX_START_DELAY_MS = 2000
/** Seconds, the default of the client's `deadline`. */
const DEFAULT_DEADLINE = 90

/**
 * Acquires a resource, stores it and starts, with the retries that Agora allows: after any 50x in 3, 6, 9 s; after
 * 206/65 in 3, 6 s and then with a fresh resource; without a worker, or if the resource has expired, with a fresh
 * resource. There is at most one fresh resource, and cname and uid stay the same: if an earlier start took effect after
 * all, Agora refuses the later one (400/53), so that nothing is recorded twice.
 *
 * After an abort the outcome is `notStarted` if no start was sent, else `unknown`.
 *
 * Rejects only if `onResource` rejects, or `mayStart` before any start was sent; everything else is an outcome.
 *
 * @example
 * const onResource = (resourceId: string, acquiredAt: number) => save({ resourceId, acquiredAt })
 * const result = await startRecording(client, { cname: 'class42', uid: '900001', clientRequest, onResource })
 * result.outcome // => 'started'
 */
export const startRecording = async (
  client: CloudRecording,
  request: StartRecordingRequest,
): Promise<StartRecordingResult> => {
  const signal = waitSignal(request)
  const earlier = earlierResource(request)
  // The resources whose start may have taken effect.
  const possiblyStarted = earlierResources(request, earlier)
  let resource = earlier
  // Two resources in all: the first one, acquired here or by the earlier run, and a fresh one.
  let acquiresLeft = earlier === undefined ? 2 : 1
  for (;;) {
    if (resource === undefined) {
      acquiresLeft--
      const acquired = await settleWithRetries(client, signal, () => acquire(client, request))
      if ('error' in acquired) return failure(request, acquired.error, possiblyStarted)
      resource = await storeResource(client, request, acquired.value)
    }
    const current = resource
    const permission = permissionOf(request)
    const started = await settleWithRetries(client, signal, () =>
      start(client, { ...request, mayStart: permission.mayStart }, current),
    )
    if ('value' in started) return { outcome: 'started', sid: started.value.sid, resourceId: current.id }
    const { error, mayHaveTakenEffect, next } = started
    if (mayHaveTakenEffect && !possiblyStarted.includes(current)) possiblyStarted.push(current)
    if (possiblyStarted.length === 0) permission.rethrow()
    const running = runningAlready(request, error, { current, possiblyStarted })
    if (running !== undefined) return running
    // Agora also answers the general code 2 to an expired resource. If the request itself is invalid, acquire
    // refuses it as well.
    const mayHaveExpired = current === earlier && error.code === 2
    const needsFreshResource = next === 'freshAcquire' || mayHaveExpired
    if (acquiresLeft === 0 || !needsFreshResource) return failure(request, error, possiblyStarted)
    resource = undefined
  }
}

/** The caller's `mayStart`, and what it threw: the call's error has only a copy, if a secret was in it. */
const permissionOf = ({ mayStart }: StartRecordingRequest) => {
  let failed: { thrown: unknown } | undefined
  return {
    mayStart:
      mayStart &&
      (async (): Promise<boolean> => {
        try {
          return await mayStart()
        } catch (thrown) {
          failed = { thrown }
          throw thrown
        }
      }),
    rethrow(): void {
      if (failed !== undefined) throw failed.thrown
    },
  }
}

const earlierResource = ({ resourceId, acquiredAt }: StartRecordingRequest): Resource | undefined =>
  resourceId === undefined ? undefined : { id: resourceId, acquiredAt }

const earlierResources = (
  { resourceIds = [] }: StartRecordingRequest,
  earlier: Resource | undefined,
): Resource[] => {
  const others = resourceIds.filter((id) => id !== earlier?.id).map((id) => ({ id }))
  return earlier === undefined ? others : [earlier, ...others]
}

interface Acquired {
  answer: AcquireAnswer
  acquiredAt: number
  answeredAt: number
}

/** `acquiredAt` is the time before the request: Agora makes the resource between the request and its answer. */
const acquire = async (client: CloudRecording, request: StartRecordingRequest): Promise<Acquired> => {
  const { signal, drainSignal, timeout, unknownFields } = request
  const options = { signal, drainSignal, timeout, unknownFields }
  const acquiredAt = client.now()
  const answer = await client.acquire(requestPair(request).acquire, options)
  return { answer, acquiredAt, answeredAt: client.now() }
}

const storeResource = async (
  client: CloudRecording,
  { onResource, onDelayedStart }: StartRecordingRequest,
  { answer, acquiredAt, answeredAt }: Acquired,
): Promise<Resource> => {
  const { resourceId } = answer
  await onResource(resourceId, acquiredAt)
  const delayMs = client.now() - answeredAt
  if (delayMs > MAX_START_DELAY_MS) notifyListener(onDelayedStart, { resourceId, delayMs })
  return { id: resourceId, acquiredAt }
}

const start = async (
  client: CloudRecording,
  request: StartRecordingRequest,
  { id, acquiredAt }: Resource,
): Promise<StartAnswer> => {
  const ageMs = acquiredAt === undefined ? 0 : client.now() - acquiredAt
  if (ageMs >= RESOURCE_LIFETIME_MS) throw expiredError(ageMs)
  const { signal, drainSignal, timeout, unknownFields, mayStart: mayTry } = request
  // No try of this call, on any host, may be sent once the resource has expired.
  const secondsLeft = (RESOURCE_LIFETIME_MS - ageMs) / 1000
  const deadline = secondsLeft < DEFAULT_DEADLINE ? secondsLeft : undefined
  const options = { signal, drainSignal, timeout, unknownFields, deadline, mayTry }
  return client.start(requestPair(request).start(id), options)
}

/** The error that Agora's answer would give, without sending the request. */
const expiredError = (ageMs: number): CloudRecordingError =>
  errorOf({
    call: 'start',
    reason: `nothing was sent, the resource is ${Math.round(ageMs / 1000)} s old`,
    tries: 0,
    verdict: {
      meaning: 'resourceExpired',
      remedy: 'freshAcquire',
      delays: [],
      whenExhausted: 'giveUp',
      outcome: 'none',
    },
  })

/** The result if Agora refused the start because an earlier start of ours took effect: 201/7 or 400/53. */
const runningAlready = (
  request: StartRecordingRequest,
  error: CloudRecordingError,
  { current, possiblyStarted }: { current: Resource; possiblyStarted: readonly Resource[] },
): StartRecordingResult | undefined => {
  if (error instanceof AlreadyStartedError) {
    if (error.sid !== undefined) return { outcome: 'started', sid: error.sid, resourceId: current.id }
    return { outcome: 'running', ...unresolved(request, current) }
  }
  const [first, ...others] = possiblyStarted
  if (!(error instanceof TaskConflictError) || first === undefined) return undefined
  return { outcome: 'running', ...unresolved(request, first, others) }
}

const unresolved = (
  { cname, uid, mode = 'web' }: StartRecordingRequest,
  { id, acquiredAt }: Resource,
  others: readonly Resource[] = [],
): UnresolvedStart => {
  const resourceIds = [id, ...others.map((other) => other.id)]
  return { cname, uid, mode, resourceId: id, acquiredAt, resourceIds }
}

const CAPACITY_MEANINGS: ReadonlySet<Meaning> = new Set(['overloaded', 'rateLimited', 'noWorker'])

/** Whether the call reached its deadline while it waited for the client's own quota. */
const expiredInQueue = ({ verdict, tries }: CloudRecordingError): boolean =>
  verdict.meaning === 'timeout' && tries === 0

const failure = (
  request: StartRecordingRequest,
  error: CloudRecordingError,
  [first, ...others]: readonly Resource[],
): StartRecordingResult => {
  if (first !== undefined) return { outcome: 'unknown', error, ...unresolved(request, first, others) }
  const { meaning, remedy } = error.verdict
  const conflict = meaning === 'taskConflict'
  return {
    outcome: 'notStarted',
    error,
    trouble: troubleOf(error),
    retryable: remedy !== 'giveUp' || conflict || meaning === 'aborted',
    countsAsFailure: !CAPACITY_MEANINGS.has(meaning) && !expiredInQueue(error),
    ...(conflict ? { conflict } : {}),
  }
}
