import { MAX_RETRY_AFTER } from '../classify.ts'
import type { CallOptions, CloudRecording } from '../cloudRecording.ts'
import { withOutcome } from '../errorOf.ts'
import type { CloudRecordingError } from '../errors.ts'
import { waitSignal } from '../waitSignal.ts'
import { tryCall } from './tryCall.ts'
import { waitUnlessAborted } from './waitUnlessAborted.ts'

export type Retried<Answer> =
  | { value: Answer }
  | {
      /** The error of the last try. */
      error: CloudRecordingError
      /** Whether any of the tries may have taken effect at Agora. */
      mayHaveTakenEffect: boolean
      next: 'giveUp' | 'freshAcquire'
    }

/**
 * Sends a call and retries it as its verdicts say, until a verdict says otherwise, the delays are used up, or the
 * signal aborts. One count of retries covers all kinds of failures.
 */
export const settleWithRetries = async <Answer>(
  client: Pick<CloudRecording, 'wait'>,
  signal: AbortSignal | undefined,
  send: () => Promise<Answer>,
): Promise<Retried<Answer>> => {
  let mayHaveTakenEffect = false
  for (let retries = 0; ; retries++) {
    const settled = await tryCall(send)
    if ('value' in settled) return settled
    const { error } = settled
    const { remedy, delays, whenExhausted } = error.verdict
    mayHaveTakenEffect ||= error.verdict.outcome === 'unknown'
    const isRetryable = remedy === 'retrySame' || remedy === 'nextHost'
    const delay = isRetryable ? delays[retries] : undefined
    if (delay === undefined) {
      const next = isRetryable ? whenExhausted : remedy
      const mayGoOn = next === 'freshAcquire' && (await waitForFreshAcquire(client, error, signal))
      return { error, mayHaveTakenEffect, next: mayGoOn ? 'freshAcquire' : 'giveUp' }
    }
    if (!(await waitUnlessAborted(client, delay, signal)))
      return { error, mayHaveTakenEffect, next: 'giveUp' }
  }
}

/** Waits as long as Agora asks for; false if that is too long, or the signal aborts. */
const waitForFreshAcquire = async (
  client: Pick<CloudRecording, 'wait'>,
  { retryAfter = 0 }: CloudRecordingError,
  signal: AbortSignal | undefined,
): Promise<boolean> =>
  retryAfter <= MAX_RETRY_AFTER && (retryAfter === 0 || waitUnlessAborted(client, retryAfter, signal))

/**
 * Sends a call and retries it as its verdicts say, with Agora's backoffs and never earlier than `Retry-After` asks for. For
 * calls that no recipe covers: `update`, `updateLayout`, `acquire`. A single call tries the hosts and then rejects.
 *
 * @param send sends the call, also each time that it is retried
 * @param signals end the waits; pass them to the call as well, or a try that has begun is not ended by them
 * @throws CloudRecordingError of the last try. Its outcome is `unknown` if any try may have taken effect.
 * @example
 * const update = { ...task, clientRequest: { webRecordingConfig: { onhold: true } } }
 * const { sid } = await retry(client, () => client.update(update))
 */
export const retry = async <Answer>(
  client: Pick<CloudRecording, 'wait'>,
  send: () => Promise<Answer>,
  signals: Pick<CallOptions, 'signal' | 'drainSignal'> = {},
): Promise<Answer> => {
  const settled = await settleWithRetries(client, waitSignal(signals), send)
  if ('value' in settled) return settled.value
  const { error, mayHaveTakenEffect } = settled
  throw mayHaveTakenEffect && error.verdict.outcome === 'none' ? withOutcome(error, 'unknown') : error
}
