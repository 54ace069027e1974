import { sleep } from '../clock.ts'
import { ANSWERS, badParameter } from './answers.ts'
import { type CallHandler, findTask, isAnswer } from './callContext.ts'
import { checkUpdate } from './requestSchemas.ts'

/** How long an update takes. Another one meanwhile is not completed: Agora wants them one after the other. */
export const UPDATE_MS = 100

/** `update`, with a memory of whom an update is under way for. */
export const createUpdate = (): CallHandler => {
  const underWay = new Set<string>()

  return async (service, incoming) => {
    const { clock, tasks, closing } = service
    const checked = checkUpdate(incoming.body, clock.now())
    if (!checked.ok) return badParameter('Update', checked.reason)
    const task = findTask(service, incoming)
    if (isAnswer(task)) return task
    const { cname, uid, resourceId, sid } = task
    const { clientRequest } = checked.request
    if (checked.request.cname !== cname) return badParameter('Update', 'cname is not that of the task')
    if (checked.request.uid !== uid) return badParameter('Update', 'uid is not that of the task')
    const { webRecordingConfig, rtmpPublishConfig } = clientRequest
    if (rtmpPublishConfig && task.rtmpUrls === null) {
      return badParameter('Update', 'clientRequest.rtmpPublishConfig: the task has no rtmp_publish_service')
    }
    if (underWay.has(sid)) return ANSWERS.notCompleted

    underWay.add(sid)
    await sleep(clock, UPDATE_MS, closing)
    underWay.delete(sid)
    if (webRecordingConfig) tasks.send(sid, { is: 'holdAsked', onhold: webRecordingConfig.onhold })
    if (rtmpPublishConfig) {
      tasks.send(sid, { is: 'rtmpAsked', urls: rtmpPublishConfig.outputs.map(({ rtmpUrl }) => rtmpUrl) })
    }
    return { status: 200, body: { cname, uid, resourceId, sid } }
  }
}
