import { filesOf, type QueryAnswer } from '../answers/answers.ts'
import type { RecordedFile } from '../answers/tolerant.ts'
import type { CallOptions, CloudRecording } from '../client.ts'
import { type CloudRecordingError, NotFoundError } from '../errors.ts'
import type { TaskAddress } from '../requests/identity.ts'
import { attempt } from './attempt.ts'

/** What one query told about a task. */
export type Sighting =
  /** Agora knows it, in this status. */
  | { kind: 'status'; status: number; files: RecordedFile[]; answer: QueryAnswer }
  /** 404: ended, never started, or failing over. */
  | { kind: 'notFound'; error: CloudRecordingError }
  /** A 50x, a lost answer, 429, …: nothing is known about the task. */
  | { kind: 'unclear'; error: CloudRecordingError }

/** 4 ready, 5 in progress: the recording has started (Agora, best practices). */
export const CONFIRMING_STATUSES: ReadonlySet<number> = new Set([4, 5])

/** 7 stopped, 8 exited, 20 exited abnormally: it does not come back. */
export const ENDED_STATUSES: ReadonlySet<number> = new Set([7, 8, 20])

/**
 * One query, told as a sighting.
 *
 * Rejects with the call's error if the query is refused (nothing could be sent, 400, 401, 403 …): no repetition would
 * change that, and nothing is learnt about the task.
 */
export const look = async (
  client: Pick<CloudRecording, 'query'>,
  { resourceId, sid, mode }: TaskAddress,
  options: CallOptions,
): Promise<Sighting> => {
  const tried = await attempt(() => client.query({ resourceId, sid, mode }, options))
  if ('value' in tried) {
    const { value: answer } = tried
    return { kind: 'status', status: answer.serverResponse.status, files: filesOf(answer), answer }
  }
  const { error } = tried
  const { kind, meaning } = error.verdict
  if (kind === 'giveUp' && meaning !== 'aborted') throw error
  return { kind: error instanceof NotFoundError ? 'notFound' : 'unclear', error }
}
