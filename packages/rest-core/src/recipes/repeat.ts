import type { CloudRecording } from '../client.ts'
import type { CloudRecordingError } from '../errors.ts'
import { attempt, paused } from './attempt.ts'

export type Repeated<Answer> =
  | { value: Answer }
  | {
      /** Of the last try. */
      error: CloudRecordingError
      /** Whether any of the tries may have taken effect. */
      mayHaveHappened: boolean
      next: 'giveUp' | 'freshAcquire'
    }

/**
 * Sends again as the verdicts say, until they say something else, their delays are used up, or the signal
 * aborts. The waits are counted over all kinds of failures together.
 */
export const repeat = async <Answer>(
  client: Pick<CloudRecording, 'pause'>,
  signal: AbortSignal | undefined,
  send: () => Promise<Answer>,
): Promise<Repeated<Answer>> => {
  let mayHaveHappened = false
  for (let repetition = 0; ; repetition++) {
    const tried = await attempt(send)
    if ('value' in tried) return tried
    const { error } = tried
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
