import type { UploadErrorCode } from '../recorder/recorder.ts'
import type { Uploads } from '../types.ts'
import { extend, log, notify, type Step, unchanged } from './stepBuilder.ts'
import type { Task } from './task.ts'

/**
 * How the files of a task fare: as commanded, else as its bucket shows. Agora keeps files that the bucket refuses in its own
 * backup; here they stay in the recorder's directory.
 */
export const uploadsOf = ({ uploads, uploadFailed }: Task): Uploads =>
  uploads === 'ok' && uploadFailed ? 'backedUp' : uploads

/** What the uploader sends when it has ended. `status` other than 0: files are missing in the bucket. */
const UPLOAD_ENDS: Record<Uploads, { event: 31 | 32; status: number } | null> = {
  ok: { event: 31, status: 0 },
  noFiles: null,
  failing: { event: 31, status: 3 },
  backedUp: { event: 32, status: 0 },
  credentialsExpired: { event: 31, status: 3 },
}

/** Nothing, if there was no file to upload. */
export const notifyUploadEnd = (step: Step): Step => {
  if (step.task.written?.length === 0) return step
  const end = UPLOAD_ENDS[uploadsOf(step.task)]
  return end ? notify(step, end.event, { status: end.status }) : step
}

/** Event 1 of the uploader: module 1, level 4 is major. */
const uploadError = (errorCode: UploadErrorCode, errorMsg: string): Record<string, unknown> => ({
  module: 1,
  errorLevel: 4,
  errorCode,
  stat: 0,
  errorMsg,
})

const ALL_UPLOADED = 10_000

/** What the uploader sends immediately when its uploads change by command. */
const UPLOAD_CHANGES: Record<Uploads, { event: 1 | 33 | 34; details: Record<string, unknown> } | null> = {
  ok: { event: 33, details: { progress: ALL_UPLOADED } },
  noFiles: null,
  failing: { event: 1, details: uploadError(47, 'upload file failed') },
  backedUp: null,
  credentialsExpired: { event: 34, details: {} },
}

/** The command `uploads`. While they are not `ok`, nothing is uploaded. */
export const changeUploads = (task: Task, uploads: Uploads): Step => {
  if (task.uploads === uploads) return unchanged(task)
  const held = uploads !== 'ok'
  const changed = extend(unchanged(task), { uploads }, { type: 'holdUpload', held })
  const logged = log(changed, `uploads: ${uploads}`)
  const change = UPLOAD_CHANGES[uploads]
  return change ? notify(logged, change.event, change.details) : logged
}

export const handleUploadStarted = (task: Task): Step => notify(unchanged(task), 30, { status: 0 })

export const handleUploadProgress = (task: Task, progress: number): Step =>
  notify(unchanged(task), 33, { progress })

export const handleUploadFailed = (task: Task, errorCode: UploadErrorCode, detail: string): Step => {
  const failed = log(extend(unchanged(task), { uploadFailed: true }), `uploads fail: ${detail}`)
  return notify(failed, 1, uploadError(errorCode, detail))
}

export const handleUploadRecovered = (task: Task): Step => {
  const recovered = log(extend(unchanged(task), { uploadFailed: false }), 'uploads succeed again')
  return notify(recovered, 33, { progress: ALL_UPLOADED })
}
