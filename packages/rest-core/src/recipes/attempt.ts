import type { CloudRecording } from '../client.ts'
import { CloudRecordingError } from '../errors.ts'

/** One call: what it answered, or why it failed. */
export type Attempt<Answer> = { value: Answer } | { error: CloudRecordingError }

/** Anything but our own errors is a mistake in this package, not an outcome, and is thrown on. */
export const attempt = async <Answer>(send: () => Promise<Answer>): Promise<Attempt<Answer>> => {
  try {
    return { value: await send() }
  } catch (error) {
    if (error instanceof CloudRecordingError) return { error }
    throw error
  }
}

/** Whether the wait ended by itself, not by the signal. Leaves no timer either way. */
export const paused = async (
  client: Pick<CloudRecording, 'pause'>,
  seconds: number,
  signal: AbortSignal | undefined,
): Promise<boolean> => {
  try {
    await client.pause(seconds, signal)
    return true
  } catch (error) {
    if (signal?.aborted) return false
    throw error
  }
}
