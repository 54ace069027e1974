import type { StorageConfig } from '@stillrolling/rest-core'
import { folderOf } from './folderOf.ts'

type Prefixed = Pick<StorageConfig, 'fileNamePrefix'>

/** The path of an attempt's files contains recording and attempt, so that no attempt overwrites the files of another. */
export const storageOfAttempt = <Storage extends Prefixed>(
  storage: Storage,
  recordingId: string,
  attempt: number,
): Storage & { fileNamePrefix: string[] } => ({
  ...storage,
  fileNamePrefix: [...pathOf(storage, recordingId), `a${attempt}`],
})

/** The folders in which those of a recording's attempts are. */
export const pathOf = ({ fileNamePrefix = [] }: Prefixed, recordingId: string): string[] => [
  ...fileNamePrefix,
  ...folderOf(recordingId),
]
