import { sleep } from '../clock.ts'
import { hasFailed, type Task } from '../task/task.ts'
import { taskFiles } from '../task/taskFiles.ts'
import { uploadsOf } from '../task/uploads.ts'
import type { Uploads } from '../types.ts'
import { ANSWERS, type Answer, badParameter, otherChannel } from './answers.ts'
import { type CallContext, type CallHandler, findTask, isAnswer } from './callContext.ts'
import { recorderState } from './extensionState.ts'
import { checkStop } from './requestSchemas.ts'

/** Longest time that a synchronous stop waits for the upload (https://docs.agora.io/en/cloud-recording/rest-api/stop). */
export const MAX_UPLOAD_WAIT_MS = 20_000

type UploadingStatus = 'uploaded' | 'backuped' | 'unknown'

/** After the upload has ended. */
const UPLOADING_STATUSES: Record<Uploads, UploadingStatus> = {
  ok: 'uploaded',
  noFiles: 'unknown',
  failing: 'unknown',
  backedUp: 'backuped',
  credentialsExpired: 'unknown',
}

const stopAnswer = (
  { clock, tasks }: CallContext,
  before: Task,
  uploadingStatus: UploadingStatus,
): Answer => {
  const { cname, uid, resourceId, sid } = before
  const task = tasks.get(sid) ?? before
  const extensionServiceState = [
    { serviceName: 'upload_service', payload: { uploadingStatus } },
    recorderState(task, clock.now()),
  ]
  return { status: 200, body: { cname, uid, resourceId, sid, serverResponse: { extensionServiceState } } }
}

/** Resolves when the task has ended, when the longest wait is over, or when the emulator closes. */
const waitForEnd = async ({ tasks, clock, closing }: CallContext, sid: string): Promise<void> => {
  const done = new AbortController()
  const timeout = sleep(clock, MAX_UPLOAD_WAIT_MS, AbortSignal.any([done.signal, closing]))
  await Promise.race([tasks.ended(sid), timeout])
  done.abort()
}

export const stop: CallHandler = async (context, incoming) => {
  const checked = checkStop(incoming.body)
  if (!checked.ok) return badParameter('stop', checked.field, checked.detail)
  const task = findTask(context, incoming)
  if (isAnswer(task)) return task
  if (checked.request.cname !== task.cname) return otherChannel('cname is not that of the task')
  if (checked.request.uid !== task.uid) return otherChannel('uid is not that of the task')
  if (task.state === 'exiting') return ANSWERS.alreadyExiting

  const { tasks, clock } = context
  tasks.send(task.sid, { type: 'stopRequested', code: 0 })
  if (task.recordingAt === null || task.uploads === 'noFiles') return ANSWERS.noData
  if (checked.request.clientRequest.async_stop) return stopAnswer(context, task, 'unknown')

  await waitForEnd(context, task.sid)
  const after = tasks.get(task.sid)
  if (after?.state !== 'ended') return ANSWERS.uploadTooLong
  if (taskFiles(after, clock.now()).length === 0) return ANSWERS.noData
  return stopAnswer(context, task, hasFailed(after) ? 'unknown' : UPLOADING_STATUSES[uploadsOf(after)])
}
