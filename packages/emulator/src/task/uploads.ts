import type { UploadErrorCode } from '../recorder/recorder.ts'
import type { Uploads } from '../types.ts'
import { extend, log, notify, type Step, unchanged } from './stepBuilder.ts'
import type { TaskFacts } from './task.ts'

/** What the uploader sends when it has ended. `status` other than 0: files are missing in the bucket. */
const UPLOAD_ENDS: Record<Uploads, { event: 31 | 32; status: number } | null> = {
  ok: { event: 31, status: 0 },
  noFiles: null,
  failing: { event: 31, status: 3 },
  backedUp: { event: 32, status: 0 },
  credentialsExpired: { event: 31, status: 3 },
}

/** @param details what the event says besides its status */
export const notifyUploadEnd = <T extends TaskFacts, Action>(
  step: Step<T, Action>,
  uploads: Uploads,
  details: Record<string, unknown> = {},
): Step<T, Action> => {
  const end = UPLOAD_ENDS[uploads]
  return end ? notify(step, end.event, { status: end.status, ...details }) : step
}

/** Event 1 of the uploader: module 1, level 4 is major. */
export const uploadError = (errorCode: UploadErrorCode, errorMsg: string): Record<string, unknown> => ({
  module: 1,
  errorLevel: 4,
  errorCode,
  stat: 0,
  errorMsg,
})

/** `progress` of event 33 is in hundredths of a percent. */
export const ALL_UPLOADED = 10_000

/** What the uploader sends immediately when its uploads change by command. */
const UPLOAD_CHANGES: Record<Uploads, { event: 1 | 33 | 34; details: Record<string, unknown> } | null> = {
  ok: { event: 33, details: { progress: ALL_UPLOADED } },
  noFiles: null,
  failing: { event: 1, details: uploadError(47, 'upload file failed') },
  backedUp: null,
  credentialsExpired: { event: 34, details: {} },
}

/** The command `uploads`; null if it changes nothing. */
export const changeUploads = <T extends TaskFacts, Action>(
  task: T,
  uploads: Uploads,
): Step<T, Action> | null => {
  if (task.uploads === uploads) return null
  const changed = extend(unchanged<T, Action>(task), { uploads } as Partial<T>)
  const logged = log(changed, `uploads: ${uploads}`)
  const change = UPLOAD_CHANGES[uploads]
  return change ? notify(logged, change.event, change.details) : logged
}
