import type { StorageConfig } from '@stillrolling/rest-core'
import { mainIdOf } from '../../standbyId.ts'

/**
 * The prefix contains recording and attempt, so that no attempt overwrites the files of another. Agora allows letters and
 * digits in it, so a standby has a folder within its recording's.
 */
export const storageOfAttempt = <Storage extends Pick<StorageConfig, 'fileNamePrefix'>>(
  storage: Storage,
  recordingId: string,
  attempt: number,
): Storage & { fileNamePrefix: string[] } => ({
  ...storage,
  fileNamePrefix: [...(storage.fileNamePrefix ?? []), ...folderOf(recordingId), `a${attempt}`],
})

const folderOf = (recordingId: string): string[] => {
  const mainId = mainIdOf(recordingId)
  return mainId === undefined ? [recordingId] : [mainId, 'standby']
}
