import { sleep } from '../clock.ts'
import { s3Target } from '../recorder/s3Target.ts'
import type { Task } from '../task/task.ts'
import { ANSWERS, type Answer, badParameter, otherChannel } from './answers.ts'
import { type CallHandler, findTask, isAnswer } from './callContext.ts'
import { checkUpdate, type UpdateRequest } from './requestSchemas.ts'

/**
 * How long an update takes. Another update of the same task is answered 206/65 (request not completed) meanwhile, because
 * Agora asks clients to wait for each answer (https://docs.agora.io/en/api-reference/api-ref/cloud-recording/update).
 */
export const UPDATE_MS = 100

/** The answer to an update that does not apply to the task; null if it does. */
const refuse = (task: Task, { cname, uid, clientRequest }: UpdateRequest): Answer | null => {
  if (cname !== task.cname) return otherChannel('cname is not that of the task')
  if (uid !== task.uid) return otherChannel('uid is not that of the task')
  if (clientRequest.rtmpPublishConfig && task.rtmpUrls === null) {
    return badParameter('update', 'rtmpPublishConfig', 'the task has no rtmp_publish_service')
  }
  return null
}

/** The handler of `update`. It keeps the sids of the tasks that are being updated. */
export const createUpdate = (): CallHandler => {
  const updating = new Set<string>()

  return async (context, incoming) => {
    const { clock, tasks, closing } = context
    const checked = checkUpdate(incoming.body, clock.now())
    if (!checked.ok) return badParameter('update', checked.field, checked.detail)
    const task = findTask(context, incoming)
    if (isAnswer(task)) return task
    const refusal = refuse(task, checked.request)
    if (refusal) return refusal
    const { cname, uid, resourceId, sid } = task
    if (updating.has(sid)) return ANSWERS.notCompleted

    updating.add(sid)
    await sleep(clock, UPDATE_MS, closing)
    updating.delete(sid)
    const { webRecordingConfig, rtmpPublishConfig, storageConfig } = checked.request.clientRequest
    if (webRecordingConfig) tasks.send(sid, { type: 'onholdRequested', onhold: webRecordingConfig.onhold })
    if (rtmpPublishConfig) {
      tasks.send(sid, {
        type: 'rtmpRequested',
        urls: rtmpPublishConfig.outputs.map(({ rtmpUrl }) => rtmpUrl),
      })
    }
    if (storageConfig) tasks.setTarget(sid, s3Target(storageConfig))
    return { status: 200, body: { cname, uid, resourceId, sid } }
  }
}
