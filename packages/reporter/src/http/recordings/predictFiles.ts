import { fileNames } from '@stillrolling/rest-core'
import { kindOf } from '../../runtime/kinds/kindOf.ts'
import { storageOfAttempt } from '../../runtime/kinds/storageOfAttempt.ts'
import { profileOf, type StorageProfiles } from '../../storageProfile.ts'
import type { StoredRecording } from '../../store/types.ts'
import type { Attempt } from '../../supervisor/recording.ts'

/** The names of files that an attempt makes by Agora's conventions, with their path in the bucket. */
export type PredictFiles = (attempt: Attempt) => string[]

/**
 * Names follow from the sid: the playlist's, and that of the first MP4 file. Those of pages are as in mix mode. Those of
 * individual recordings have the uids of the users.
 */
export const predictFiles = (
  { request, recording }: Pick<StoredRecording, 'request' | 'recording'>,
  profiles: StorageProfiles,
): PredictFiles => {
  const types = kindOf(request).predictableFiles(request)
  const profile = profileOf(profiles, request.storage)
  if (types.length === 0 || !profile) return () => []
  return ({ number, sid, state, recordsAt, confirmedAt }) => {
    const hasRecorded = recordsAt !== null || confirmedAt !== null
    if (sid === null || (state === 'ended' && !hasRecorded)) return []
    const { fileNamePrefix } = storageOfAttempt(profile, recording.id, number)
    const names = fileNames({ mode: 'mix', sid, cname: recording.cname, fileNamePrefix })
    return [names.playlist, ...(types.includes('mp4') ? [names.mp4(0)] : [])]
  }
}
