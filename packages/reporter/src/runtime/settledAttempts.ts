import type { Logger } from 'pino'
import { UnreadableRowError } from '../store/errors.ts'
import type { StoreOperations } from '../store/store.ts'
import { findAttempt, withAttempts } from '../supervisor/attempts.ts'
import type { Attempt, Recording } from '../supervisor/recording.ts'

export interface SettledAttemptOptions {
  store: Pick<StoreOperations, 'loadSettledAttempt'>
  log: Logger
}

/** The recording with the attempt of this number: if it has settled, it is put back. */
export const withSettledAttempt = async (
  options: SettledAttemptOptions,
  recording: Recording,
  number: number,
): Promise<Recording> => {
  if (findAttempt(recording, number) || number > recording.attemptCount) return recording
  const attempt = await loadReadable(options, recording.id, number)
  return attempt ? withAttempts(recording, [attempt]) : recording
}

/** A row that cannot be read leaves the recording without the attempt: what comes about it changes nothing. */
const loadReadable = async (
  { store, log }: SettledAttemptOptions,
  recordingId: string,
  number: number,
): Promise<Attempt | undefined> => {
  try {
    return await store.loadSettledAttempt(recordingId, number)
  } catch (err) {
    if (!(err instanceof UnreadableRowError)) throw err
    log.error({ err, recordingId, attempt: number }, 'A settled attempt cannot be read')
    return undefined
  }
}
