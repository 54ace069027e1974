import { filesOf } from '../answers/answers.ts'
import type { RecordedFile } from '../answers/tolerant.ts'
import type { CallOptions, CloudRecording } from '../client.ts'
import type { CloudRecordingError } from '../errors.ts'
import type { TaskAddress } from '../requests/identity.ts'
import { paused } from './attempt.ts'
import { repeat } from './repeat.ts'

export type PlaylistOptions = CallOptions & {
  /** Seconds that have passed since start's answer. Default 0: it was just now. */
  sinceStart?: number
}

export type PlaylistResult =
  | { outcome: 'files'; files: RecordedFile[] }
  /** The recording answers, and names no file yet. In web mode with `onhold` none is written. */
  | { outcome: 'none' }
  /** The second query failed although it was repeated, or the caller's signal came (no `error`). */
  | { outcome: 'unknown'; error?: CloudRecordingError }

/** Seconds after the start when the name is there (Agora, integration best practices). */
const FIRST_QUERY: Readonly<Record<'web' | 'mix' | 'individual', number>> = {
  web: 15,
  mix: 15,
  individual: 60,
}

/** Seconds to the second query, if the first named no file. */
const SECOND_QUERY = 60

/**
 * The names of a recording's playlist and files, from query: 15 s after the start (individual mode: a
 * minute), and once more a minute later. Each query is repeated as far as its answer allows.
 */
export const playlistFromQuery = async (
  client: CloudRecording,
  task: TaskAddress,
  { sinceStart = 0, signal, timeout }: PlaylistOptions = {},
): Promise<PlaylistResult> => {
  const first = Math.max(0, FIRST_QUERY[task.mode] - sinceStart)
  let result: PlaylistResult = { outcome: 'unknown' }
  for (const wait of [first, SECOND_QUERY]) {
    if (!(await paused(client, wait, signal))) return { outcome: 'unknown' }
    const { resourceId, sid, mode } = task
    const asked = await repeat(client, signal, () =>
      client.query({ resourceId, sid, mode }, { signal, timeout }),
    )
    result = 'value' in asked ? named(filesOf(asked.value)) : { outcome: 'unknown', error: asked.error }
    if (result.outcome === 'files') return result
  }
  return result
}

const named = (files: RecordedFile[]): PlaylistResult =>
  files.length === 0 ? { outcome: 'none' } : { outcome: 'files', files }
