import { filesOf, type QueryAnswer } from '../answers/answers.ts'
import type { RecordedFile } from '../answers/recordedFile.ts'
import type { CallOptions, CloudRecording } from '../cloudRecording.ts'
import { type CloudRecordingError, NotFoundError } from '../errors.ts'
import type { TaskAddress } from '../requests/identity.ts'
import { waitSignal } from '../waitSignal.ts'
import { tryCall } from './tryCall.ts'

/** What one query says about a task. */
export type QueryResult =
  /** Agora knows the task, which has this status. */
  | { kind: 'status'; status: number; files: RecordedFile[]; answer: QueryAnswer }
  /** 404: the task has ended, never started, or is failing over. */
  | { kind: 'notFound'; error: CloudRecordingError }
  /** A 50x, a lost answer, 429, …: the query says nothing about the task. */
  | { kind: 'unclear'; error: CloudRecordingError }

/** 4 ready, 5 in progress: the recording has started (Agora, best practices for web page recording). */
export const CONFIRMING_STATUSES: ReadonlySet<number> = new Set([4, 5])

/** 7 stopped, 8 exited, 20 exited abnormally: terminal. */
export const ENDED_STATUSES: ReadonlySet<number> = new Set([7, 8, 20])

/**
 * Sends one query and returns what it says.
 *
 * Rejects with the call's error if the query was not sent or was refused (400, 401, 403 …): a retry would fail again,
 * and the error says nothing about the task. After an abort by one of the signals the result is `unclear`.
 */
export const queryOnce = async (
  client: Pick<CloudRecording, 'query'>,
  { resourceId, sid, mode }: TaskAddress,
  options: CallOptions,
): Promise<QueryResult> => {
  const settled = await tryCall(() => client.query({ resourceId, sid, mode }, options))
  if ('value' in settled) {
    const { value: answer } = settled
    return { kind: 'status', status: answer.serverResponse.status, files: filesOf(answer), answer }
  }
  const { error } = settled
  const { remedy, meaning } = error.verdict
  const isAborted = meaning === 'aborted' && waitSignal(options)?.aborted === true
  if (remedy === 'giveUp' && !isAborted) throw error
  return { kind: error instanceof NotFoundError ? 'notFound' : 'unclear', error }
}
