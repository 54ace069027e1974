import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { s3Target } from '../recorder/s3Target.ts'
import type { Task } from '../task/task.ts'
import { ANSWERS, type Answer, badParameter, otherChannel } from './answers.ts'
import type { CallContext, CallHandler, IncomingCall } from './callContext.ts'
import { checkStart, type StartRequest } from './requestSchemas.ts'
import { isExpired, type Resource } from './resources.ts'

const WEB_PAGE_SCENE = 1

/** The first field in which the request of start differs from the `startParameter` of acquire; null if none does. */
const differingField = (startParameter: Record<string, unknown>, clientRequest: Record<string, unknown>) => {
  const fields = new Set([...Object.keys(startParameter), ...Object.keys(clientRequest)])
  return [...fields].find((field) => !isDeepStrictEqual(startParameter[field], clientRequest[field])) ?? null
}

/** The answer to a start that does not match its acquire; null if it does. */
const refuseMismatch = (resource: Resource, request: StartRequest, body: unknown): Answer | null => {
  if (request.cname !== resource.cname) {
    return otherChannel('cname is not the one that the resourceId was acquired for')
  }
  if (request.uid !== resource.uid) {
    return otherChannel('uid is not the one that the resourceId was acquired for')
  }
  const { scene, startParameter } = resource.request
  if (scene !== WEB_PAGE_SCENE) {
    return badParameter('start', 'mode', `for mode web, scene of acquire must be 1; it was ${scene}`)
  }
  if (!startParameter) return null
  // Compares the body as it was sent, because the parsed request contains defaults.
  const { clientRequest } = body as { clientRequest: Record<string, unknown> }
  const field = differingField(startParameter, clientRequest)
  if (field === null) return null
  const detail = `clientRequest.${field} differs from startParameter.${field} of acquire`
  return badParameter('start', field, detail)
}

type TaskParameters = Pick<
  Task,
  | 'url'
  | 'width'
  | 'height'
  | 'mobile'
  | 'readyTimeoutMs'
  | 'maxRecordingHour'
  | 'maxRecordingMs'
  | 'maxVideoMs'
  | 'filePrefix'
  | 'mp4'
  | 'audioProfile'
  | 'rtmpUrls'
  | 'onhold'
>

/** The part of a task that its start request decides. */
const taskParameters = ({ clientRequest }: StartRequest, hourMs: number): TaskParameters => {
  const { storageConfig, recordingFileConfig, extensionServiceConfig } = clientRequest
  const services = extensionServiceConfig.extensionServices
  const recorder = services.find((service) => service.serviceName === 'web_recorder_service')
  if (!recorder) throw new Error('checkStart accepted a request without web_recorder_service')
  const rtmp = services.find((service) => service.serviceName === 'rtmp_publish_service')
  const param = recorder.serviceParam
  return {
    url: param.url,
    width: param.videoWidth,
    height: param.videoHeight,
    mobile: param.mobile,
    readyTimeoutMs: (param.readyTimeout ?? 0) * 1000,
    maxRecordingHour: param.maxRecordingHour,
    maxRecordingMs: param.maxRecordingHour * hourMs,
    maxVideoMs: (param.maxVideoDuration / 60) * hourMs,
    filePrefix: storageConfig.fileNamePrefix ?? [],
    mp4: recordingFileConfig.avFileType.includes('mp4'),
    audioProfile: param.audioProfile,
    rtmpUrls: rtmp ? rtmp.serviceParam.outputs.map(({ rtmpUrl }) => rtmpUrl) : null,
    onhold: param.onhold,
  }
}

const createTask = (
  resource: Resource,
  request: StartRequest,
  { now, hourMs, records }: { now: number; hourMs: number; records: boolean },
): Task => ({
  ...taskParameters(request, hourMs),
  sid: randomBytes(16).toString('hex'),
  resourceId: resource.id,
  cname: request.cname,
  uid: request.uid,
  startedAt: now,
  expiresAt: resource.acquiredAt + resource.request.resourceExpiredHour * hourMs,
  state: 'starting',
  page: 'none',
  ready: false,
  reloads: 0,
  openedAt: null,
  recordingAt: null,
  exitingAt: null,
  endedAt: null,
  stop: null,
  written: records ? [] : null,
  uploads: 'ok',
  uploadFailed: false,
  notFoundUntil: 0,
  sequence: 0,
})

/** Why the resource cannot be used; null if it can. */
const refuseResource = (resource: Resource, { tasks, clock }: CallContext): Answer | null => {
  if (resource.sid !== null) {
    const task = tasks.get(resource.sid)
    if (task && task.state !== 'ended') return ANSWERS.alreadyStarted
    return badParameter('start', 'resourceId', 'the resourceId has been used; acquire a new one')
  }
  return isExpired(resource, clock.now()) ? ANSWERS.resourceExpired : null
}

const startTask = (context: CallContext, resource: Resource, { body }: IncomingCall): Answer => {
  const { clock, tasks, concurrency, hourMs, records } = context
  const now = clock.now()
  const checked = checkStart(body, now)
  if (!checked.ok) return badParameter('start', checked.field, checked.detail)
  const { request } = checked
  const mismatch = refuseMismatch(resource, request, body)
  if (mismatch) return mismatch
  const live = tasks.live()
  if (live.some(({ cname, uid }) => cname === request.cname && uid === request.uid))
    return ANSWERS.taskConflict
  // The limit was not reached at acquire, but has been since.
  if (live.length >= concurrency) return ANSWERS.noWorker
  const task = createTask(resource, request, { now, hourMs, records })
  resource.sid = task.sid
  tasks.add(task, s3Target(request.clientRequest.storageConfig))
  const { cname, uid, resourceId, sid } = task
  return { status: 200, body: { cname, uid, resourceId, sid } }
}

export const start: CallHandler = (context, incoming) => {
  const resource = context.resources.get(incoming.resourceId)
  if (!resource)
    return badParameter('start', 'resourceId', 'the resourceId is unknown or expired; acquire a new one')
  return refuseResource(resource, context) ?? startTask(context, resource, incoming)
}
