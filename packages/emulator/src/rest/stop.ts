import { sleep } from '../clock.ts'
import type { Task } from '../task/task.ts'
import { ANSWERS, type Answer, badParameter } from './answers.ts'
import { type CallContext, type CallHandler, findTask, isAnswer } from './callContext.ts'
import { recorderState } from './extensionState.ts'
import { checkStop } from './requestSchemas.ts'

/** A synchronous stop waits this long for the upload. */
export const UPLOAD_LIMIT_MS = 20_000

const stopped = (
  { clock, tasks }: CallContext,
  before: Task,
  uploadingStatus: 'uploaded' | 'unknown',
): Answer => {
  const { cname, uid, resourceId, sid } = before
  const task = tasks.get(sid) ?? before
  const extensionServiceState = [
    { serviceName: 'upload_service', payload: { uploadingStatus } },
    recorderState(task, clock.now()),
  ]
  return { status: 200, body: { cname, uid, resourceId, sid, serverResponse: { extensionServiceState } } }
}

export const stop: CallHandler = async (service, incoming) => {
  const checked = checkStop(incoming.body)
  if (!checked.ok) return badParameter('Stop', checked.reason)
  const task = findTask(service, incoming)
  if (isAnswer(task)) return task
  if (checked.request.cname !== task.cname) return badParameter('Stop', 'cname is not that of the task')
  if (checked.request.uid !== task.uid) return badParameter('Stop', 'uid is not that of the task')
  if (task.state === 'exiting') return ANSWERS.alreadyExiting

  const { tasks, clock, closing } = service
  tasks.send(task.sid, { is: 'stopAsked', code: 0 })
  if (task.recordingAt === null) return ANSWERS.noData
  if (checked.request.clientRequest.async_stop) return stopped(service, task, 'unknown')

  const waited = new AbortController()
  const limit = sleep(clock, UPLOAD_LIMIT_MS, AbortSignal.any([waited.signal, closing]))
  await Promise.race([tasks.ended(task.sid), limit])
  waited.abort()
  const ended = tasks.get(task.sid)?.state === 'ended'
  return ended ? stopped(service, task, 'uploaded') : ANSWERS.uploadTooLong
}
