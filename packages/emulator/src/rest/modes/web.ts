import { s3Target } from '../../recorder/s3Target.ts'
import type { Change, Refusal, RunningTask } from '../../task/runningTask.ts'
import { createWebTask, type WebTaskControls } from '../../task/web/createWebTask.ts'
import type { WebTask } from '../../task/web/webTask.ts'
import { badParameter } from '../answers.ts'
import type { CallContext } from '../callContext.ts'
import { checkWebStart, checkWebUpdate, type WebStartRequest } from '../requests/webRequests.ts'
import type { Resource } from '../resources.ts'
import type { ModeCalls } from './mode.ts'
import { newTask } from './newTask.ts'

type TaskParameters = Pick<
  WebTask,
  | 'url'
  | 'width'
  | 'height'
  | 'mobile'
  | 'readyTimeoutMs'
  | 'maxRecordingHour'
  | 'maxRecordingMs'
  | 'maxVideoMs'
  | 'mp4'
  | 'audioProfile'
  | 'rtmpUrls'
  | 'onhold'
>

/** The part of a task that its start request decides. */
const taskParameters = ({ clientRequest }: WebStartRequest, hourMs: number): TaskParameters => {
  const { recordingFileConfig, extensionServiceConfig } = clientRequest
  const services = extensionServiceConfig.extensionServices
  const recorder = services.find((service) => service.serviceName === 'web_recorder_service')
  if (!recorder) throw new Error('checkWebStart accepted a request without web_recorder_service')
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
    mp4: recordingFileConfig.avFileType.includes('mp4'),
    audioProfile: param.audioProfile,
    rtmpUrls: rtmp ? rtmp.serviceParam.outputs.map(({ rtmpUrl }) => rtmpUrl) : null,
    onhold: param.onhold,
  }
}

const initialTask = (request: WebStartRequest, resource: Resource, context: CallContext): WebTask => ({
  ...newTask(request, request.clientRequest.storageConfig, resource, context),
  ...taskParameters(request, context.hourMs),
  mode: 'web',
  serviceScene: 'web_record',
  page: 'none',
  ready: false,
  reloads: 0,
  openedAt: null,
  recordingAt: null,
  maxRecordingAt: null,
  stop: null,
  written: context.environment.recorder ? [] : null,
  formerFiles: [],
  uploadFailed: false,
})

const readUpdate =
  ({ task, send, setTarget }: WebTaskControls, { clock }: CallContext) =>
  (body: unknown): Change | Refusal => {
    const checked = checkWebUpdate(body, clock.now())
    if (!checked.ok) return checked
    const { webRecordingConfig, rtmpPublishConfig, storageConfig } = checked.request.clientRequest
    if (rtmpPublishConfig && task().rtmpUrls === null) {
      return { field: 'rtmpPublishConfig', detail: 'the task has no rtmp_publish_service' }
    }
    return {
      apply: () => {
        if (webRecordingConfig) send({ type: 'onholdRequested', onhold: webRecordingConfig.onhold })
        if (rtmpPublishConfig) {
          const urls = rtmpPublishConfig.outputs.map(({ rtmpUrl }) => rtmpUrl)
          send({ type: 'rtmpRequested', urls })
        }
        if (storageConfig) setTarget(s3Target(storageConfig))
      },
    }
  }

const create = (request: WebStartRequest, resource: Resource, context: CallContext): RunningTask => {
  const target = s3Target(request.clientRequest.storageConfig)
  const { running, ...controls } = createWebTask(
    initialTask(request, resource, context),
    target,
    context.environment,
  )
  return {
    ...running,
    readUpdate: readUpdate(controls, context),
    readLayout: () => ({ field: 'mode', detail: 'mode web has no layout' }),
  }
}

export const webCalls: ModeCalls = {
  scenes: [1],
  readStart: (body, context) => {
    const checked = checkWebStart(body, context.clock.now())
    if (!checked.ok) return badParameter('start', checked.field, checked.detail)
    const { cname, uid } = checked.request
    return { cname, uid, create: (resource) => create(checked.request, resource, context) }
  },
}
