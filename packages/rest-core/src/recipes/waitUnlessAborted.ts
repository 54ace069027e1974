import type { CloudRecording } from '../cloudRecording.ts'

/**
 * Waits on the client's clock.
 *
 * @returns true after `seconds`, false as soon as the signal aborts; no timer is left either way
 */
export const waitUnlessAborted = async (
  client: Pick<CloudRecording, 'wait'>,
  seconds: number,
  signal: AbortSignal | undefined,
): Promise<boolean> => {
  try {
    await client.wait(seconds, signal)
    return true
  } catch (error) {
    if (signal?.aborted) return false
    throw error
  }
}
