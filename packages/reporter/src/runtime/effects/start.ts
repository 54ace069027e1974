import { type CloudRecordingError, type StartRecordingResult, startRecording } from '@stillrolling/rest-core'
import type { StoredRecording } from '../../store/types.ts'
import type { Attempt } from '../../supervisor/recording.ts'
import type { Signal, StartFailure } from '../../supervisor/signal.ts'
import type { EffectContext, RunEffect } from './context.ts'
import { webRequest } from './webRequest.ts'

/** Acquires and starts an attempt, or takes up a start whose outcome an earlier process did not live to see. */
export const start: RunEffect = async (effect, context) => {
  const stored = await context.engine.load(effect.recordingId)
  const attempt = stored?.recording.attempts[effect.attempt - 1]
  const signal: Signal =
    stored && attempt
      ? await startAttempt(stored, attempt, context)
      : notStarted(effect.attempt, 'permanent', 'The attempt is not in the store')
  await context.engine.handle(effect.recordingId, signal, { completes: effect.id })
}

const startAttempt = async (
  stored: StoredRecording,
  attempt: Attempt,
  context: EffectContext,
): Promise<Signal> => {
  const { recording, request } = stored
  const { number } = attempt
  const earlier = attempt.resourceId
  // A notification was faster; by which of its resources Agora knows the sid, a query shows.
  if (attempt.sid !== null && earlier !== null) return maybeRunning(attempt, earlier)
  if (!wanted(stored, number)) return earlier === null ? cancelled(number) : maybeRunning(attempt, earlier)
  const storage = context.config.storageProfiles[request.storage]
  const secret = context.config.secrets[0]
  if (!storage || secret === undefined) {
    return notStarted(
      number,
      'permanent',
      `There is no storage profile "${request.storage}" in STORAGE_PROFILES`,
    )
  }
  const { start, resourceExpiredHour } = webRequest(stored, attempt, storage, secret)
  try {
    const result = await startRecording(context.agora, {
      cname: recording.id,
      uid: attempt.uid,
      clientRequest: start,
      acquire: {
        resourceExpiredHour,
        ...(context.config.agora.area && { region: context.config.agora.area }),
      },
      ...(earlier !== null && {
        resourceId: earlier,
        resourceIds: attempt.otherResourceIds,
        acquiredAt: attempt.acquiredAt ?? undefined,
      }),
      onResource: (resourceId) => writeAhead(recording.id, number, resourceId, context),
      mayStart: () => isNameless(recording.id, number, context),
    })
    return signalOf(result, attempt)
  } catch (error) {
    if (!(error instanceof NotWanted)) throw error
    return error.sentWith === undefined ? cancelled(number) : maybeRunning(attempt, error.sentWith)
  }
}

/** Nobody wants the attempt any more: found out before start was sent, or sent again with another resource. */
class NotWanted extends Error {
  /** The resource of a start that was sent before, and may have gone through. */
  readonly sentWith: string | undefined

  constructor(sentWith: string | undefined) {
    super()
    this.sentWith = sentWith
  }
}

/** The resource is stored before start is sent with it, so that a start whose answer is lost can be sent again. */
const writeAhead = async (
  id: string,
  attempt: number,
  resourceId: string,
  { engine }: EffectContext,
): Promise<void> => {
  const stored = await engine.handle(id, { type: 'acquired', attempt, resourceId })
  if (!stored || !wanted(stored, attempt)) {
    throw new NotWanted(stored?.recording.attempts[attempt - 1]?.otherResourceIds[0])
  }
}

/** What a notification has named meanwhile runs, or has ended: started again, it would be a second task. */
const isNameless = async (id: string, number: number, { engine }: EffectContext): Promise<boolean> => {
  const stored = await engine.load(id)
  const attempt = stored?.recording.attempts[number - 1]
  return attempt?.sid === null && attempt.earlierSids.length === 0
}

const wanted = ({ recording }: StoredRecording, number: number): boolean =>
  recording.desired === 'running' && recording.attempts[number - 1]?.state === 'starting'

const signalOf = (result: StartRecordingResult, attempt: Attempt): Signal => {
  const { number } = attempt
  if (result.outcome === 'started') {
    return { type: 'started', attempt: number, sid: result.sid, resourceId: result.resourceId }
  }
  if (result.outcome === 'running') return maybeRunning(attempt, result.resourceId)
  if (result.outcome === 'unknown') {
    return {
      type: 'startUnknown',
      attempt: number,
      resourceId: result.resourceId,
      message: `Perhaps Agora runs attempt ${number}, its answer was lost: waiting for a notification with the sid`,
      evidence: evidenceOf(result.error),
    }
  }
  return notStarted(
    number,
    failureOf(result),
    `Agora did not start attempt ${number}: ${result.error.message}`,
    result.error,
  )
}

/**
 * A uid that somebody else records under is no use to us: the next attempt has another. Anything else that may pass
 * (quota, capacity, 50x, the network) is waited out with the same attempt, however long it lasts.
 */
const failureOf = ({ retryable, conflict }: { retryable: boolean; conflict?: boolean }): StartFailure => {
  if (!retryable) return 'permanent'
  return conflict ? 'failed' : 'busy'
}

const maybeRunning = ({ number, uid }: Attempt, resourceId: string): Signal => ({
  type: 'startUnknown',
  attempt: number,
  resourceId,
  message: `Agora runs attempt ${number} already, its sid is not known: waiting for a notification with it`,
  evidence: { uid, resourceId },
})

const cancelled = (attempt: number): Signal =>
  notStarted(attempt, 'cancelled', `Attempt ${attempt} was not started: it is not wanted any more`)

const notStarted = (
  attempt: number,
  failure: StartFailure,
  message: string,
  error?: CloudRecordingError,
): Signal => ({
  type: 'startFailed',
  attempt,
  failure,
  message,
  evidence: error ? evidenceOf(error) : {},
})

const evidenceOf = ({ call, status, code, reason, tries }: CloudRecordingError): Record<string, unknown> => ({
  call,
  status,
  code,
  reason,
  tries,
})
