import type { StorageConfig } from '@stillrolling/rest-core'

/** The prefix contains recording and attempt, so that no attempt overwrites the files of another. */
export const storageOfAttempt = <Storage extends Pick<StorageConfig, 'fileNamePrefix'>>(
  storage: Storage,
  recordingId: string,
  attempt: number,
): Storage & { fileNamePrefix: string[] } => ({
  ...storage,
  fileNamePrefix: [...(storage.fileNamePrefix ?? []), recordingId, `a${attempt}`],
})
