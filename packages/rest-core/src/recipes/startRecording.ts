import type { AcquireAnswer, StartAnswer } from '../answers/answers.ts'
import type { Meaning } from '../classify.ts'
import type { CloudRecording } from '../client.ts'
import { AlreadyStartedError, CloudRecordingError, TaskConflictError } from '../errors.ts'
import type { AcquireClientRequest } from '../requests/calls.ts'
import type { Identity } from '../requests/identity.ts'
import type { WebStartRequest } from '../requests/web.ts'

export type StartRecordingRequest = Identity & {
  clientRequest: WebStartRequest
  /** For acquire: `scene` and `startParameter` are added here, so that they agree with start. */
  acquire?: Omit<AcquireClientRequest, 'scene' | 'startParameter'>
  /**
   * The resource of an earlier run whose start may have been sent. Then nothing is acquired and the same
   * start is sent again, which can never record twice.
   */
  resourceId?: string
  /** Write-ahead: store the resource before start is sent with it. If it rejects, nothing is started. */
  onResource: (resourceId: string) => Promise<void>
  signal?: AbortSignal
  /** Seconds for one HTTP try, instead of the client's. */
  timeout?: number
}

export type StartRecordingResult =
  | { outcome: 'started'; sid: string; resourceId: string }
  /** It runs, started by us, and the answer had no sid: the first notification with cname and uid has it. */
  | { outcome: 'running'; resourceId: string }
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
  | { outcome: 'unknown'; resourceId: string; error: CloudRecordingError }

/**
 * Acquires, stores, starts, and repeats what Agora says may be repeated: any 50x after 3, 6, 9 s; 206/65
 * after 3, 6 s and then with a fresh resource; a missing worker with a fresh resource. At most one fresh
 * resource, always the same cname and uid: if an earlier start went through after all, Agora refuses the
 * later one (53), so that nothing is recorded twice.
 *
 * Rejects only if `onResource` does; every failure of a call is an outcome.
 */
export async function startRecording(
  client: CloudRecording,
  request: StartRecordingRequest,
): Promise<StartRecordingResult> {
  let resourceId = request.resourceId
  // The first resource whose start may have gone through.
  let suspect = request.resourceId
  for (let acquired = 0; ; ) {
    if (resourceId === undefined) {
      const attempt = await repeat(client, request.signal, () => acquire(client, request))
      if ('error' in attempt) return failed(attempt.error, suspect)
      resourceId = attempt.value.resourceId
      await request.onResource(resourceId)
      acquired++
    }
    const current = resourceId
    const attempt = await repeat(client, request.signal, () => start(client, request, current))
    if ('value' in attempt) return { outcome: 'started', sid: attempt.value.sid, resourceId: current }
    const { error, mayHaveHappened, next } = attempt
    if (mayHaveHappened) suspect ??= current
    if (error instanceof AlreadyStartedError) return running(current, error.sid)
    if (error instanceof TaskConflictError && suspect !== undefined) return running(suspect)
    // An earlier run's resource may be too old by now, for which Agora also has the general code 2; a request
    // that is really wrong is refused by acquire as well.
    const stale = current === request.resourceId && error.code === 2
    // The first resource, acquired here or by the earlier run, and one fresh one.
    const mayAcquire = acquired < (request.resourceId === undefined ? 2 : 1)
    if (!mayAcquire || (next !== 'freshAcquire' && !stale)) return failed(error, suspect)
    resourceId = undefined
  }
}

function acquire(client: CloudRecording, request: StartRecordingRequest): Promise<AcquireAnswer> {
  const { cname, uid, clientRequest, signal, timeout } = request
  const reservation = { ...request.acquire, scene: 1, startParameter: clientRequest } as const
  return client.acquire({ cname, uid, clientRequest: reservation }, { signal, timeout })
}

function start(
  client: CloudRecording,
  { cname, uid, clientRequest, signal, timeout }: StartRecordingRequest,
  resourceId: string,
): Promise<StartAnswer> {
  return client.start({ resourceId, mode: 'web', cname, uid, clientRequest }, { signal, timeout })
}

type Repeated<Answer> =
  | { value: Answer }
  | { error: CloudRecordingError; mayHaveHappened: boolean; next: 'giveUp' | 'freshAcquire' }

/** Sends again as the verdicts say. The waits are counted over all kinds of failures together. */
async function repeat<Answer>(
  client: CloudRecording,
  signal: AbortSignal | undefined,
  send: () => Promise<Answer>,
): Promise<Repeated<Answer>> {
  let mayHaveHappened = false
  for (let repetition = 0; ; repetition++) {
    const attempt = await send().then((value) => ({ value }), caught)
    if ('value' in attempt) return attempt
    const { error } = attempt
    const { kind, delays, exhausted } = error.verdict
    mayHaveHappened ||= error.effect === 'unknown'
    if (kind !== 'retrySame' && kind !== 'nextHost') {
      return { error, mayHaveHappened, next: kind === 'freshAcquire' ? kind : 'giveUp' }
    }
    const delay = delays[repetition]
    if (delay === undefined) return { error, mayHaveHappened, next: exhausted }
    if (!(await paused(client, delay, signal))) return { error, mayHaveHappened, next: 'giveUp' }
  }
}

/** Anything but our own errors is a mistake in this package, not an outcome. */
function caught(error: unknown): { error: CloudRecordingError } {
  if (error instanceof CloudRecordingError) return { error }
  throw error
}

/** Whether the wait ended by itself, not by the caller's signal. */
async function paused(client: CloudRecording, seconds: number, signal?: AbortSignal): Promise<boolean> {
  try {
    await client.pause(seconds, signal)
    return true
  } catch (error) {
    if (signal?.aborted) return false
    throw error
  }
}

function running(resourceId: string, sid?: string): StartRecordingResult {
  return sid === undefined ? { outcome: 'running', resourceId } : { outcome: 'started', sid, resourceId }
}

/** Quota and capacity: they say nothing about this recording. */
const innocent: ReadonlySet<Meaning> = new Set(['overloaded', 'rateLimited', 'noWorker'])

function failed(error: CloudRecordingError, suspect: string | undefined): StartRecordingResult {
  if (suspect !== undefined) return { outcome: 'unknown', resourceId: suspect, error }
  const { meaning, kind } = error.verdict
  const conflict = meaning === 'taskConflict'
  return {
    outcome: 'notStarted',
    error,
    retryable: kind !== 'giveUp' || conflict || meaning === 'aborted',
    countsAsFailure: !innocent.has(meaning),
    ...(conflict ? { conflict } : {}),
  }
}
