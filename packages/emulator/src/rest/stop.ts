import { sleep } from '../clock.ts'
import type { RunningTask, UploadingStatus } from '../task/runningTask.ts'
import { isRunning } from '../task/task.ts'
import type { Uploads } from '../types.ts'
import { ANSWERS, type Answer, badParameter } from './answers.ts'
import {
  type CallContext,
  type CallHandler,
  findRunningTask,
  identityOf,
  isAnswer,
  refuseIdentity,
} from './callContext.ts'
import { checkStop } from './requests/stopRequest.ts'

/** Longest time that a synchronous stop waits for the upload (https://docs.agora.io/en/cloud-recording/rest-api/stop). */
export const MAX_UPLOAD_WAIT_MS = 20_000

/** After the upload has ended. */
const UPLOADING_STATUSES: Record<Uploads, UploadingStatus> = {
  ok: 'uploaded',
  noFiles: 'unknown',
  failing: 'unknown',
  backedUp: 'backuped',
  credentialsExpired: 'unknown',
}

const stopAnswer = (task: RunningTask, uploadingStatus: UploadingStatus): Answer => ({
  status: 200,
  body: { ...identityOf(task), serverResponse: task.stopped(uploadingStatus) },
})

/** Resolves when the task has ended, when the longest wait is over, or when the emulator closes. */
const waitForEnd = async (task: RunningTask, { clock, closing }: CallContext): Promise<void> => {
  const done = new AbortController()
  const timeout = sleep(clock, MAX_UPLOAD_WAIT_MS, AbortSignal.any([done.signal, closing]))
  await Promise.race([task.ended(), timeout])
  done.abort()
}

export const stop: CallHandler = async (context, incoming) => {
  const checked = checkStop(incoming.body)
  if (!checked.ok) return badParameter('stop', checked.field, checked.detail)
  const task = findRunningTask(context, incoming)
  if (isAnswer(task)) return task
  const other = refuseIdentity(task, checked.request)
  if (other) return other
  if (!isRunning(task.facts())) return ANSWERS.alreadyExiting

  const hasNothing = !task.hasRecorded() || task.uploads() === 'noFiles'
  task.stop(0)
  if (hasNothing) return ANSWERS.noData
  if (checked.request.clientRequest.async_stop) return stopAnswer(task, 'unknown')

  await waitForEnd(task, context)
  if (task.facts().state !== 'ended') return ANSWERS.uploadTooLong
  if (!task.hasFiles()) return ANSWERS.noData
  return stopAnswer(task, task.hasFailed() ? 'unknown' : UPLOADING_STATUSES[task.uploads()])
}
