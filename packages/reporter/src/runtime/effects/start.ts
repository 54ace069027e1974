import {
  type CloudRecordingError,
  type StartRecordingRequest,
  type StartRecordingResult,
  type StorageConfig,
  startRecording,
  type Trouble,
  troubleOf,
} from '@stillrolling/rest-core'
import type { StoredRecording } from '../../store/types.ts'
import { findAttempt } from '../../supervisor/attempts.ts'
import type { Attempt, Evidence, Time } from '../../supervisor/recording.ts'
import type { Signal, StartFailure, StartTrouble } from '../../supervisor/signal.ts'
import { TokenError } from '../channelTokens/channelAccess.ts'
import { kindOf } from '../kinds/kindOf.ts'
import { CredentialsError } from '../storageCredentials.ts'
import { acquireApart } from './acquireApart.ts'
import { type EffectContext, InterruptedError, type RunEffect } from './context.ts'

/** Acquires a resource and starts an attempt, or resumes a start whose outcome an earlier process did not store. */
export const start: RunEffect = async (effect, context) => {
  const stored = await context.engine.load(effect.recordingId, effect.attempt)
  const attempt = findAttempt(stored?.recording, effect.attempt)
  const signal: Signal =
    stored && attempt
      ? await startAttempt(stored, attempt, context)
      : startFailed(effect.attempt, { failure: 'permanent', message: 'The attempt is not in the store' })
  await context.engine.handle(effect.recordingId, signal, { completes: effect.id })
}

const startAttempt = async (
  stored: StoredRecording,
  attempt: Attempt,
  context: EffectContext,
): Promise<Signal> => {
  const earlier = attempt.resourceId
  // A notification came first. A query shows which of the resources the sid belongs to.
  if (attempt.sid !== null && earlier !== null) return maybeRunning(attempt, earlier)
  if (!isStillRequested(stored, attempt.number)) return cancelled(attempt, earlier)
  try {
    const storage = await context.credentials.storageOf(stored.request.storage)
    if (!storage) {
      const message = `There is no storage profile "${stored.request.storage}" in STORAGE_PROFILES`
      return notStartable(attempt, { trouble: 'storage', message })
    }
    const { request, tokenExpiresAt } = await startRequest(stored, attempt, { storage, context })
    const result = stored.request.standby
      ? await startApart(stored.recording.id, request, context)
      : await startRecording(context.agora, request)
    // Not every failure that the end of the process brings about says so. The next process sends the same start again.
    if ('error' in result && context.ending.aborted) throw new InterruptedError()
    return signalOf(result, attempt, tokenExpiresAt)
  } catch (error) {
    if (error instanceof NoLongerRequested) return cancelled(attempt, error.sentWith)
    if (error instanceof CredentialsError)
      return notStartable(attempt, { trouble: 'storage', message: error.message })
    if (error instanceof TokenError)
      return notStartable(attempt, { trouble: 'token', message: error.message })
    throw error
  }
}

/** Starts a recording that has a twin. */
const startApart = async (
  recordingId: string,
  request: StartRecordingRequest,
  context: EffectContext,
): Promise<StartRecordingResult> => {
  const { agora, endTurn } = acquireApart(recordingId, context)
  const onResource: StartRecordingRequest['onResource'] = (...resource) =>
    request.onResource(...resource).finally(endTurn)
  return startRecording(agora, { ...request, onResource }).finally(endTurn)
}

/** The configuration may have what is missing after the next restart of the reporter, and an address may answer again. */
const notStartable = (attempt: Attempt, why: { trouble: StartTrouble; message: string }): Signal => {
  // An earlier process may have sent the start.
  if (attempt.resourceId !== null) return { ...maybeRunning(attempt, attempt.resourceId), ...why }
  const { trouble, message } = why
  return { ...startFailed(attempt.number, { failure: 'busy', message }), trouble }
}

const startRequest = async (
  stored: StoredRecording,
  attempt: Attempt,
  { storage, context }: { storage: StorageConfig; context: EffectContext },
): Promise<{ request: StartRecordingRequest; tokenExpiresAt: Time | undefined }> => {
  const { recording, request } = stored
  const { secrets, agora } = context.config
  const [secret = ''] = secrets
  const tools = { storage, secret, tokens: context.tokens, now: context.clock.now() }
  const { task, resourceExpiredHour, tokenExpiresAt } = await kindOf(request).startOf(stored, attempt, tools)
  const start: StartRecordingRequest = {
    cname: recording.cname,
    uid: attempt.uid,
    ...task,
    acquire: { resourceExpiredHour, ...(agora.area && { region: agora.area }) },
    ...(attempt.resourceId !== null && {
      resourceId: attempt.resourceId,
      resourceIds: attempt.otherResourceIds,
      acquiredAt: attempt.acquiredAt ?? undefined,
    }),
    drainSignal: context.ending,
    onResource: (resourceId) =>
      writeAhead(recording.id, { attempt: attempt.number, resourceId, tokenExpiresAt }, context),
    mayStart: () => hasHadNoSid(recording.id, attempt.number, context),
  }
  return { request: start, tokenExpiresAt }
}

/** Thrown before start is sent, or sent again with another resource. */
class NoLongerRequested extends Error {
  /** The resource of a start that was sent before, and may have succeeded. */
  readonly sentWith: string | null

  constructor(sentWith: string | null) {
    super()
    this.sentWith = sentWith
  }
}

/** Stores the resource before start is sent with it, so that a start whose answer is lost can be sent again. */
const writeAhead = async (
  id: string,
  acquired: Omit<Extract<Signal, { type: 'acquired' }>, 'type'>,
  { engine }: EffectContext,
): Promise<void> => {
  const { attempt } = acquired
  const stored = await engine.handle(id, { type: 'acquired', ...acquired })
  if (!stored || !isStillRequested(stored, attempt)) {
    const ended = await engine.load(id, attempt)
    throw new NoLongerRequested(findAttempt(ended?.recording, attempt)?.otherResourceIds[0] ?? null)
  }
}

/** If a notification has named the attempt's task, it runs or has ended: another start would make a second task. */
const hasHadNoSid = async (id: string, number: number, { engine }: EffectContext): Promise<boolean> => {
  const stored = await engine.load(id, number)
  const attempt = findAttempt(stored?.recording, number)
  return attempt?.sid === null && attempt.earlierSids.length === 0
}

const isStillRequested = ({ recording }: StoredRecording, number: number): boolean =>
  recording.desired === 'running' &&
  ['starting', 'candidate'].includes(findAttempt(recording, number)?.state ?? '')

const signalOf = (
  result: StartRecordingResult,
  attempt: Attempt,
  tokenExpiresAt: Time | undefined,
): Signal => {
  const { number } = attempt
  if (result.outcome === 'started') {
    const { sid, resourceId } = result
    return { type: 'started', attempt: number, sid, resourceId, tokenExpiresAt }
  }
  if (result.outcome === 'running') return maybeRunning(attempt, result.resourceId)
  if (result.outcome === 'unknown') {
    return {
      type: 'startUnknown',
      attempt: number,
      resourceId: result.resourceId,
      tokenExpiresAt,
      trouble: startTroubleOf(troubleOf(result.error)),
      message: `Agora's answer to the start of attempt ${number} was lost, so it may be running: waiting for a notification with its sid`,
      evidence: evidenceOf(result.error),
    }
  }
  const message = `Agora did not start attempt ${number}: ${result.error.message}`
  const why = { message, evidence: evidenceOf(result.error) }
  if (isTokenRefused(result.error)) {
    return { ...startFailed(number, { failure: 'busy', ...why }), trouble: 'token' }
  }
  const failed = startFailed(number, { failure: failureOf(result), ...why })
  return { ...failed, trouble: startTroubleOf(result.trouble) }
}

/** Agora's codes for a token that has expired (109), or does not fit the App Certificate, channel or uid (110). */
const TOKEN_CODES: readonly unknown[] = [109, 110]

/**
 * The request is right, and the token is not in it: the reporter's configuration or the request's `tokenUrl` has a wrong
 * one. The next one may be right.
 */
const isTokenRefused = ({ call, status = 0, code }: CloudRecordingError): boolean =>
  call === 'start' && status >= 400 && status < 500 && TOKEN_CODES.includes(code)

/**
 * If another recording uses the uid, the next attempt gets another one. Only a refused request is final. Any other failure
 * may pass, or is not the recording's (quota, capacity, 50x, the account, the way to Agora): it postpones the same attempt,
 * however long it lasts.
 */
const failureOf = ({ trouble, conflict }: { trouble: Trouble; conflict?: boolean }): StartFailure => {
  if (trouble === 'request') return 'permanent'
  return conflict ? 'failed' : 'busy'
}

const startTroubleOf = (trouble: Trouble): StartTrouble | undefined =>
  trouble === 'account' || trouble === 'way' ? trouble : undefined

const maybeRunning = (
  { number, uid }: Attempt,
  resourceId: string,
): Extract<Signal, { type: 'startUnknown' }> => ({
  type: 'startUnknown',
  attempt: number,
  resourceId,
  message: `Agora may already be running attempt ${number}, whose sid is unknown: waiting for a notification with it`,
  evidence: { uid, resourceId },
})

/** @param sentWith the resource of a start that was sent before; null if none was */
const cancelled = (attempt: Attempt, sentWith: string | null): Signal => {
  if (sentWith !== null) return maybeRunning(attempt, sentWith)
  const { number } = attempt
  const message = `Attempt ${number} was not started: it is no longer requested`
  return startFailed(number, { failure: 'cancelled', message })
}

const startFailed = (
  attempt: number,
  { evidence = {}, ...why }: { failure: StartFailure; message: string; evidence?: Evidence },
): Extract<Signal, { type: 'startFailed' }> => ({ type: 'startFailed', attempt, ...why, evidence })

const evidenceOf = ({ call, status, code, reason, tries }: CloudRecordingError): Evidence => ({
  call,
  status,
  code,
  reason,
  tries,
})
