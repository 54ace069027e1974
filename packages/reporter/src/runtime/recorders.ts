import type { Store } from '../store/store.ts'
import type { StoredRecording } from '../store/types.ts'
import { numberOfUid } from '../supervisor/attempts.ts'
import { uidRangeOf } from '../uidRange.ts'

/**
 * Whether a uid that has joined a channel is that of one of its recordings' attempts. The event may arrive when the recording
 * has already stopped, and its uid may be a user's by then: that of a range which a later request names.
 * @param live the channel's recordings in a state other than a terminal one
 */
export const isRecorder = async (
  store: Pick<Store, 'findAttempt' | 'loadRecordings'>,
  { cname, uid }: { cname: string; uid: string },
  live: readonly StoredRecording[],
): Promise<boolean> => {
  if (live.some(({ recording }) => numberOfUid(recording, uid) !== undefined)) return true
  if (live.some(({ request }) => isInRange(request, Number(uid)))) return false
  const found = await store.findAttempt({ cname, uid })
  if (!found) return false
  const listed = await store.loadRecordings([found.recordingId])
  return listed.some(({ stored }) => 'recording' in stored && stored.recording.kind === 'channel')
}

const isInRange = (request: unknown, uid: number): boolean => {
  const range = uidRangeOf(request)
  return range !== undefined && range.from <= uid && uid <= range.to
}
