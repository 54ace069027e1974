import type { AcquireAnswer, StartAnswer } from '../answers/answers.ts'
import type { Meaning } from '../classify.ts'
import type { CloudRecording } from '../client.ts'
import { errorOf } from '../errorOf.ts'
import { AlreadyStartedError, type CloudRecordingError, TaskConflictError } from '../errors.ts'
import type { Identity, Mode } from '../requests/identity.ts'
import { type PairRequest, requestPair } from '../requests/requestPair.ts'
import { repeat } from './repeat.ts'
import { tell } from './tell.ts'

export type StartRecordingRequest = PairRequest & {
  /**
   * The resource of an earlier run whose start may have been sent. Then nothing is acquired and the same
   * start is sent again, which can never record twice.
   */
  resourceId?: string
  /** Every resource whose start may have gone through, as the earlier run's outcome named them. */
  resourceIds?: readonly string[]
  /** When that resource was acquired, as `onResource` was told. Without it Agora decides if it is too old. */
  acquiredAt?: number
  /**
   * Write-ahead: store the resource before start is sent with it. If it rejects, nothing is started.
   *
   * @param acquiredAt Unix time in milliseconds, by the client's clock
   */
  onResource: (resourceId: string, acquiredAt: number) => Promise<void>
  /**
   * Asked right before each start is sent, the first one and every repetition: a notification may have brought the sid
   * meanwhile. `false`: it is not sent, and the outcome is that of an abort. If it rejects, so does the recipe.
   */
  mayStart?: () => Promise<boolean>
  /** Hears that the first start leaves more than 2 s after acquire's answer, because `onResource` took so long. */
  onLate?: (late: LateStart) => void
  signal?: AbortSignal
  /** Seconds for one HTTP try, instead of the client's. */
  timeout?: number
}

export interface LateStart {
  resourceId: string
  afterMs: number
}

/** All that it takes to settle later what became of a start; can be stored as JSON and given to a later run. */
export type Unsettled = Identity & {
  mode: Mode
  /** The first resource whose start may have gone through. Run again with it. */
  resourceId: string
  /** Unix time in milliseconds; absent if an earlier run acquired it and did not say when. */
  acquiredAt?: number
  /** Every resource whose start may have gone through; at most one of them records. */
  resourceIds: string[]
}

export type StartRecordingResult =
  | { outcome: 'started'; sid: string; resourceId: string }
  /** It runs, started by us, and the answer had no sid: the first notification with cname and uid has it. */
  | ({ outcome: 'running' } & Unsettled)
  | {
      outcome: 'notStarted'
      error: CloudRecordingError
      /** Whether a later try may succeed without anybody changing the request or the account. */
      retryable: boolean
      /** false for quota and capacity (406, 429, 502): they say nothing about this recording. */
      countsAsFailure: boolean
      /** true: the cname and uid are being recorded by somebody else's start (53); take another uid. */
      conflict?: boolean
    }
  /** It may be running. Run again with this `resourceId`, or find it by its notifications. */
  | ({ outcome: 'unknown'; error: CloudRecordingError } & Unsettled)

interface Resource {
  id: string
  acquiredAt?: number
}

/** A resource lives 5 minutes; start must follow acquire within 2 s (Agora, acquire). */
const RESOURCE_LIFE_MS = 300_000
const START_WITHIN_MS = 2000
/** Seconds that a call lasts at most, by the client's default deadline. */
const LONGEST_CALL = 90

/**
 * Acquires, stores, starts, and repeats what Agora says may be repeated: any 50x after 3, 6, 9 s; 206/65
 * after 3, 6 s and then with a fresh resource; a missing worker, or a resource of 5 minutes, with a fresh
 * resource. At most one fresh resource, always the same cname and uid: if an earlier start went through after
 * all, Agora refuses the later one (53), so that nothing is recorded twice.
 *
 * An abort before start was sent is `notStarted`, after it `unknown`.
 *
 * Rejects only if `onResource` or `mayStart` does; every failure of a call is an outcome.
 */
export const startRecording = async (
  client: CloudRecording,
  request: StartRecordingRequest,
): Promise<StartRecordingResult> => {
  const { signal } = request
  const earlier = earlierResource(request)
  let resource = earlier
  // The resources whose start may have gone through.
  const suspects = earlierSuspects(request, earlier)
  for (let acquired = 0; ; ) {
    if (resource === undefined) {
      const got = await repeat(client, signal, () => acquire(client, request))
      if ('error' in got) return failed(request, got.error, suspects)
      resource = await stored(client, request, got.value)
      acquired++
    }
    const current = resource
    const got = await repeat(client, signal, () => start(client, request, current))
    if ('value' in got) return { outcome: 'started', sid: got.value.sid, resourceId: current.id }
    const { error, mayHaveHappened, next } = got
    if (mayHaveHappened && !suspects.includes(current)) suspects.push(current)
    if (error instanceof AlreadyStartedError) return alreadyStarted(request, current, error.sid)
    const [suspect, ...others] = suspects
    if (error instanceof TaskConflictError && suspect !== undefined) {
      return { outcome: 'running', ...unsettled(request, suspect, others) }
    }
    // An earlier run's resource may be too old by now, for which Agora also has the general code 2; a request
    // that is really wrong is refused by acquire as well.
    const stale = current === earlier && error.code === 2
    // The first resource, acquired here or by the earlier run, and one fresh one.
    const mayAcquire = acquired < (earlier === undefined ? 2 : 1)
    if (!mayAcquire || (next !== 'freshAcquire' && !stale)) return failed(request, error, suspects)
    resource = undefined
  }
}

const earlierResource = ({ resourceId, acquiredAt }: StartRecordingRequest): Resource | undefined =>
  resourceId === undefined ? undefined : { id: resourceId, acquiredAt }

const earlierSuspects = (
  { resourceIds = [] }: StartRecordingRequest,
  earlier: Resource | undefined,
): Resource[] => {
  const others = resourceIds.filter((id) => id !== earlier?.id).map((id) => ({ id }))
  return earlier === undefined ? others : [earlier, ...others]
}

/** Its age counts from before the request: Agora made the resource somewhere between that and the answer. */
const acquire = async (
  client: CloudRecording,
  request: StartRecordingRequest,
): Promise<{ answer: AcquireAnswer; acquiredAt: number; answeredAt: number }> => {
  const { signal, timeout } = request
  const acquiredAt = client.now()
  const answer = await client.acquire(requestPair(request).acquire, { signal, timeout })
  return { answer, acquiredAt, answeredAt: client.now() }
}

const stored = async (
  client: CloudRecording,
  { onResource, onLate }: StartRecordingRequest,
  { answer, acquiredAt, answeredAt }: { answer: AcquireAnswer; acquiredAt: number; answeredAt: number },
): Promise<Resource> => {
  const { resourceId } = answer
  await onResource(resourceId, acquiredAt)
  const afterMs = client.now() - answeredAt
  if (afterMs > START_WITHIN_MS) tell(onLate, { resourceId, afterMs })
  return { id: resourceId, acquiredAt }
}

const start = async (
  client: CloudRecording,
  request: StartRecordingRequest,
  { id, acquiredAt }: Resource,
): Promise<StartAnswer> => {
  const ageMs = acquiredAt === undefined ? 0 : client.now() - acquiredAt
  if (ageMs >= RESOURCE_LIFE_MS) throw tooOld(ageMs)
  const { signal, timeout, mayStart: mayTry } = request
  // No try of this call, on whichever host, may leave when the resource is too old.
  const left = (RESOURCE_LIFE_MS - ageMs) / 1000
  const deadline = left < LONGEST_CALL ? left : undefined
  return client.start(requestPair(request).start(id), { signal, timeout, deadline, mayTry })
}

/** As if Agora had said so, but nothing was sent. */
const tooOld = (ageMs: number): CloudRecordingError =>
  errorOf({
    call: 'start',
    reason: `nothing was sent, the resource is ${Math.round(ageMs / 1000)} s old`,
    tries: 0,
    verdict: {
      meaning: 'resourceExpired',
      kind: 'freshAcquire',
      delays: [],
      exhausted: 'giveUp',
      effect: 'none',
    },
  })

const unsettled = (
  { cname, uid, mode = 'web' }: StartRecordingRequest,
  { id, acquiredAt }: Resource,
  others: readonly Resource[] = [],
): Unsettled => {
  const resourceIds = [id, ...others.map((other) => other.id)]
  return { cname, uid, mode, resourceId: id, acquiredAt, resourceIds }
}

const alreadyStarted = (
  request: StartRecordingRequest,
  current: Resource,
  sid?: string,
): StartRecordingResult => {
  if (sid !== undefined) return { outcome: 'started', sid, resourceId: current.id }
  return { outcome: 'running', ...unsettled(request, current) }
}

/** Quota and capacity: they say nothing about this recording. */
const INNOCENT: ReadonlySet<Meaning> = new Set(['overloaded', 'rateLimited', 'noWorker'])

/** The client's own quota did not let the call out before its deadline. */
const stuckInQueue = ({ verdict, tries }: CloudRecordingError): boolean =>
  verdict.meaning === 'timeout' && tries === 0

const failed = (
  request: StartRecordingRequest,
  error: CloudRecordingError,
  [suspect, ...others]: readonly Resource[],
): StartRecordingResult => {
  if (suspect !== undefined) return { outcome: 'unknown', error, ...unsettled(request, suspect, others) }
  const { meaning, kind } = error.verdict
  const conflict = meaning === 'taskConflict'
  return {
    outcome: 'notStarted',
    error,
    retryable: kind !== 'giveUp' || conflict || meaning === 'aborted',
    countsAsFailure: !INNOCENT.has(meaning) && !stuckInQueue(error),
    ...(conflict ? { conflict } : {}),
  }
}
