import type { CloudRecording } from '../cloudRecording.ts'
import type { CloudRecordingError } from '../errors.ts'
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
export const retry = async <Answer>(
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
    if (remedy !== 'retrySame' && remedy !== 'nextHost') {
      return { error, mayHaveTakenEffect, next: remedy === 'freshAcquire' ? remedy : 'giveUp' }
    }
    const delay = delays[retries]
    if (delay === undefined) return { error, mayHaveTakenEffect, next: whenExhausted }
    if (!(await waitUnlessAborted(client, delay, signal)))
      return { error, mayHaveTakenEffect, next: 'giveUp' }
  }
}
