import { filesOf } from '../answers/answers.ts'
import type { RecordedFile } from '../answers/recordedFile.ts'
import type { CallOptions, CloudRecording } from '../cloudRecording.ts'
import type { CloudRecordingError } from '../errors.ts'
import type { Mode, TaskAddress } from '../requests/identity.ts'
import { waitSignal } from '../waitSignal.ts'
import { settleWithRetries } from './retry.ts'
import { waitUnlessAborted } from './waitUnlessAborted.ts'

export type PlaylistOptions = CallOptions & {
  /** Seconds since start's answer. Default 0. */
  sinceStart?: number
}

export type PlaylistResult =
  | { outcome: 'files'; files: RecordedFile[] }
  /** Agora's answers name no file yet. A paused web page recording (`onhold`) writes none. */
  | { outcome: 'none' }
  /**
   * The second query failed in spite of its retries, the first was answered with a `Retry-After` that is longer than the
   * pause between the two, or one of the signals aborted a wait (no `error`).
   */
  | { outcome: 'unknown'; error?: CloudRecordingError }

/** Seconds after the start when the names are available (https://docs.agora.io/en/cloud-recording/best-practices/integration-best-practices). */
const FIRST_QUERY: Readonly<Record<Mode, number>> = { web: 15, mix: 15, individual: 60 }

/** Seconds to the second query, if the first named no file. */
const SECOND_QUERY = 60

/**
 * Queries the names of a recording's playlist and files: 15 s after the start (60 s in individual mode), and once more
 * 60 s later if there is none yet. Each query is retried as its verdicts say.
 *
 * Never rejects.
 *
 * @example
 * const playlist = await playlistFromQuery(client, task)
 * if (playlist.outcome === 'files') await save(playlist.files)
 */
export const playlistFromQuery = async (
  client: CloudRecording,
  { resourceId, sid, mode }: TaskAddress,
  { sinceStart = 0, ...options }: PlaylistOptions = {},
): Promise<PlaylistResult> => {
  const ending = waitSignal(options)
  const first = Math.max(0, FIRST_QUERY[mode] - sinceStart)
  let result: PlaylistResult = { outcome: 'unknown' }
  for (const wait of [first, SECOND_QUERY]) {
    if (!(await waitUnlessAborted(client, wait, ending))) return { outcome: 'unknown' }
    const queried = await settleWithRetries(client, ending, () =>
      client.query({ resourceId, sid, mode }, options),
    )
    result =
      'value' in queried ? namedFiles(filesOf(queried.value)) : { outcome: 'unknown', error: queried.error }
    if (result.outcome === 'files' || mustWaitLonger(result)) return result
  }
  return result
}

const mustWaitLonger = (result: PlaylistResult): boolean =>
  result.outcome === 'unknown' && (result.error?.retryAfter ?? 0) > SECOND_QUERY

const namedFiles = (files: RecordedFile[]): PlaylistResult =>
  files.length === 0 ? { outcome: 'none' } : { outcome: 'files', files }
