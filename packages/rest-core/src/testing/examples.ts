import type { CloudRecordingOptions } from '../cloudRecording.ts'
import type { AcquireRequest, StartRequest, StopRequest, UpdateRequest } from '../requests/calls.ts'
import type { Identity, TaskAddress } from '../requests/identity.ts'
import type { WebRecorderServiceParam, WebStartRequest } from '../requests/web.ts'

type SecretName = 'customerSecret' | 'accessKey' | 'secretKey' | 'stsToken' | 'rtmpUrl' | 'query' | 'basic'

/** Values that must never appear in an error or a log entry; each is recognizable. */
export const secrets: Readonly<Record<SecretName, string>> = {
  customerSecret: 'SECRET-customer',
  accessKey: 'SECRET-access-key',
  secretKey: 'SECRET-secret-key',
  stsToken: 'SECRET-sts-token',
  rtmpUrl: 'rtmp://live.example.com/app/SECRET-stream-key',
  query: 'stillrolling=SECRET-page-token',
  basic: Buffer.from('customer:SECRET-customer').toString('base64'),
}

export const options: CloudRecordingOptions = {
  appId: 'app1',
  customerId: 'customer',
  customerSecret: secrets.customerSecret,
  baseUrls: ['http://one.test'],
}

const serviceParam: WebRecorderServiceParam = {
  url: `https://page.example.com/room?${secrets.query}`,
  audioProfile: 0,
  videoWidth: 1280,
  videoHeight: 720,
  maxRecordingHour: 3,
}

export const clientRequest: WebStartRequest = {
  storageConfig: {
    vendor: 1,
    region: 0,
    bucket: 'recordings',
    accessKey: secrets.accessKey,
    secretKey: secrets.secretKey,
    stsToken: secrets.stsToken,
    stsExpiration: 1_800_000_000,
    fileNamePrefix: ['class42', 'attempt1'],
  },
  recordingFileConfig: { avFileType: ['hls', 'mp4'] },
  extensionServiceConfig: {
    errorHandlePolicy: 'error_abort',
    extensionServices: [
      { serviceName: 'web_recorder_service', errorHandlePolicy: 'error_abort', serviceParam },
      {
        serviceName: 'rtmp_publish_service',
        errorHandlePolicy: 'error_ignore',
        serviceParam: { outputs: [{ rtmpUrl: secrets.rtmpUrl }] },
      },
    ],
  },
}

export const identity: Identity = { cname: 'class42', uid: '900001' }
export const task: TaskAddress<'web'> = { resourceId: 'resource/1', sid: 'sid1', mode: 'web' }
export const acquireRequest: AcquireRequest = { ...identity, clientRequest: { scene: 1 } }
export const startRequest: StartRequest<'web'> = {
  ...identity,
  resourceId: 'resource/1',
  mode: 'web',
  clientRequest,
}
export const updateRequest: UpdateRequest = {
  ...identity,
  ...task,
  clientRequest: { storageConfig: clientRequest.storageConfig, webRecordingConfig: { onhold: false } },
}
export const stopRequest: StopRequest<'web'> = { ...identity, ...task, clientRequest: { async_stop: true } }
