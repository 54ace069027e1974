import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Task } from '../task/task.ts'
import { ANSWERS, type Answer, badParameter } from './answers.ts'
import type { CallContext, CallHandler, IncomingCall } from './callContext.ts'
import { checkStart, type StartRequest } from './requestSchemas.ts'
import { isExpired, type Resource } from './resources.ts'

const WEB_PAGE_SCENE = 1

/** The first field in which start differs from what acquire was told, or null. */
const difference = (startParameter: Record<string, unknown>, clientRequest: Record<string, unknown>) => {
  const fields = new Set([...Object.keys(startParameter), ...Object.keys(clientRequest)])
  return [...fields].find((field) => !isDeepStrictEqual(startParameter[field], clientRequest[field])) ?? null
}

/** Why this start does not go with its acquire, or null. */
const mismatch = (resource: Resource, request: StartRequest, body: unknown): string | null => {
  if (request.cname !== resource.cname) return 'cname is not the one that the resourceId was acquired for'
  if (request.uid !== resource.uid) return 'uid is not the one that the resourceId was acquired for'
  const { scene, startParameter } = resource.request
  if (scene !== WEB_PAGE_SCENE)
    return `clientRequest.scene of acquire must be 1 for mode web, it was ${scene}`
  if (!startParameter) return null
  // As it was sent: the parsed request has defaults filled in.
  const { clientRequest } = body as { clientRequest: Record<string, unknown> }
  const field = difference(startParameter, clientRequest)
  return field === null ? null : `clientRequest.${field} differs from startParameter.${field} of acquire`
}

const createTask = (resource: Resource, request: StartRequest, now: number, hourMs: number): Task => {
  const { storageConfig, recordingFileConfig, extensionServiceConfig } = request.clientRequest
  const services = extensionServiceConfig.extensionServices
  const recorder = services.find((service) => service.serviceName === 'web_recorder_service')
  if (!recorder) throw new Error('a valid start has a web_recorder_service')
  const rtmp = services.find((service) => service.serviceName === 'rtmp_publish_service')
  const param = recorder.serviceParam
  return {
    sid: randomBytes(16).toString('hex'),
    resourceId: resource.id,
    cname: request.cname,
    uid: request.uid,
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
    rtmpUrls: rtmp ? rtmp.serviceParam.outputs.map(({ rtmpUrl }) => rtmpUrl) : null,
    startedAt: now,
    expiresAt: resource.acquiredAt + resource.request.resourceExpiredHour * hourMs,
    state: 'starting',
    page: 'none',
    ready: false,
    reloads: 0,
    onhold: param.onhold,
    openedAt: null,
    recordingAt: null,
    exitingAt: null,
    endedAt: null,
    stop: null,
    notFoundUntil: 0,
    sequence: 0,
  }
}

const startWith = (service: CallContext, resource: Resource, { body }: IncomingCall): Answer => {
  const { clock, tasks, concurrency, hourMs } = service
  const now = clock.now()
  const checked = checkStart(body, now)
  if (!checked.ok) return badParameter('Start', checked.reason)
  const { request } = checked
  const wrong = mismatch(resource, request, body)
  if (wrong !== null) return badParameter('Start', wrong)
  const living = tasks.live()
  if (living.some(({ cname, uid }) => cname === request.cname && uid === request.uid))
    return ANSWERS.taskConflict
  // Acquired while there was room, started when there is none any more.
  if (living.length >= concurrency) return ANSWERS.noWorker
  const task = createTask(resource, request, now, hourMs)
  resource.sid = task.sid
  tasks.add(task)
  const { cname, uid, resourceId, sid } = task
  return { status: 200, body: { cname, uid, resourceId, sid } }
}

export const start: CallHandler = (service, incoming) => {
  const resource = service.resources.get(incoming.resourceId)
  if (!resource) return badParameter('Start', 'resourceId is unknown or expired; acquire a new one')
  if (resource.sid !== null) {
    const task = service.tasks.get(resource.sid)
    if (task && task.state !== 'ended') return ANSWERS.alreadyStarted
    return badParameter('Start', 'resourceId has been used; acquire a new one')
  }
  if (isExpired(resource, service.clock.now())) {
    return badParameter('Start', 'resourceId is older than 5 minutes; acquire a new one')
  }
  return startWith(service, resource, incoming)
}
