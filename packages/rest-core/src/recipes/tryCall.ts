import { CloudRecordingError } from '../errors.ts'

/** How one call ended: with an answer, or with its error. */
export type Settled<Answer> = { value: Answer } | { error: CloudRecordingError }

/** Returns a call's {@link CloudRecordingError} as a value. Rethrows any other error: it is a bug, not an outcome. */
export const tryCall = async <Answer>(send: () => Promise<Answer>): Promise<Settled<Answer>> => {
  try {
    return { value: await send() }
  } catch (error) {
    if (error instanceof CloudRecordingError) return { error }
    throw error
  }
}
