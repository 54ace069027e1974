import type { UploadErrorCode } from '../../recorder/recorder.ts'
import type { Uploads } from '../../types.ts'
import { extend, log, notify } from '../stepBuilder.ts'
import { ALL_UPLOADED, changeUploads, notifyUploadEnd, uploadError } from '../uploads.ts'
import { unchanged, type WebAction, type WebStep, type WebTask } from './webTask.ts'

/**
 * How the files of a task fare: as commanded, else as its bucket shows. Agora keeps files that the bucket refuses in its own
 * backup; here they stay in the recorder's directory.
 */
export const uploadsOf = ({ uploads, uploadFailed }: WebTask): Uploads =>
  uploads === 'ok' && uploadFailed ? 'backedUp' : uploads

/** Nothing, if there was no file to upload. */
export const notifyWebUploadEnd = (step: WebStep): WebStep =>
  step.task.written?.length === 0 ? step : notifyUploadEnd(step, uploadsOf(step.task))

/** The command `uploads`. While they are not `ok`, nothing is uploaded. */
export const changeWebUploads = (task: WebTask, uploads: Uploads): WebStep => {
  const changed = changeUploads<WebTask, WebAction>(task, uploads)
  if (changed === null) return unchanged(task)
  const hold: WebAction = { type: 'holdUpload', held: uploads !== 'ok' }
  return extend(changed, {}, hold)
}

export const handleUploadStarted = (task: WebTask): WebStep => notify(unchanged(task), 30, { status: 0 })

export const handleUploadProgress = (task: WebTask, progress: number): WebStep =>
  notify(unchanged(task), 33, { progress })

export const handleUploadFailed = (task: WebTask, errorCode: UploadErrorCode, detail: string): WebStep => {
  const failed = log(extend(unchanged(task), { uploadFailed: true }), `uploads fail: ${detail}`)
  return notify(failed, 1, uploadError(errorCode, detail))
}

export const handleUploadRecovered = (task: WebTask): WebStep => {
  const recovered = log(extend(unchanged(task), { uploadFailed: false }), 'uploads succeed again')
  return notify(recovered, 33, { progress: ALL_UPLOADED })
}
