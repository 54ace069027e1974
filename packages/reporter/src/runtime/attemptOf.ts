import type { Logger } from 'pino'
import { UnreadableRowError } from '../store/errors.ts'
import type { Store } from '../store/store.ts'
import type { AttemptKey, TaskKey } from '../store/types.ts'
import { attemptForUnknownSession } from '../supervisor/notification.ts'
import type { Recording } from '../supervisor/recording.ts'
import { withSettledAttempt } from './settledAttempts.ts'

export interface AttemptOfOptions {
  store: Pick<
    Store,
    'findAttempt' | 'loadRecording' | 'loadRecordings' | 'loadSettledAttempt' | 'recordingsWithoutSid'
  >
  log: Logger
}

/** The attempt that a notification is about, and the sid of its task. */
export interface NotifiedAttempt extends AttemptKey {
  sid: string
}

/**
 * The attempt that a notification is about: by the sid, else by cname and uid, which name one attempt because uids are never
 * reused. A channel may have several recordings, so the cname alone names none.
 */
export const attemptOf = async (
  options: AttemptOfOptions,
  task: TaskKey,
): Promise<NotifiedAttempt | undefined> => {
  const found = await options.store.findAttempt(task)
  const { sid } = task
  if (sid === undefined) return found && found.sid !== null ? { ...found, sid: found.sid } : undefined
  if (found && (found.sid === sid || found.sid === null)) return { ...found, sid }
  const key = found ? await secondTaskOf(options, found, task.uid) : await orphanIn(options, task)
  return key && { ...key, sid }
}

/** The attempt's task is known by another sid: this may be a second one, or that of a start which was sent twice. */
const secondTaskOf = async (
  options: AttemptOfOptions,
  { recordingId, number }: AttemptKey,
  uid: string,
): Promise<AttemptKey | undefined> => {
  const stored = await options.store.loadRecording(recordingId)
  return stored && unknownSessionOf(await withSettledAttempt(options, stored.recording, number), uid)
}

/**
 * Nothing of the session is known: a failover has assigned its uid, or it is a task of others in the channel. Only one of an
 * orphaned attempt can be ours. If several recordings of the channel have one, it is not known whose the session is, and
 * each waits on: the wrong one would look for it under its own resources, not find it, and take its own task for ended.
 */
const orphanIn = async (
  { store, log }: AttemptOfOptions,
  { cname, uid }: TaskKey,
): Promise<AttemptKey | undefined> => {
  const listed = await store.loadRecordings(await store.recordingsWithoutSid(cname))
  const orphans = listed.flatMap(({ stored }) =>
    stored instanceof UnreadableRowError ? [] : (unknownSessionOf(stored.recording, uid) ?? []),
  )
  if (orphans.length < 2) return orphans[0]
  const recordingIds = orphans.map(({ recordingId }) => recordingId)
  log.warn(
    { cname, uid, recordingIds },
    'A notification is about an unknown task, which may be that of an orphaned attempt of several recordings: it is ignored',
  )
  return undefined
}

const unknownSessionOf = (recording: Recording, uid: string): AttemptKey | undefined => {
  const attempt = attemptForUnknownSession(recording, uid)
  return attempt && { recordingId: recording.id, number: attempt.number }
}
