import type { TaskView } from '@stillrolling/emulator'
import {
  createCloudRecording,
  startRecording,
  stopUntilConfirmed,
  type WebStartRequest,
} from '@stillrolling/rest-core'

/** The functions that a schedule is run with: ours, or with one of them deliberately broken. */
export interface Kit {
  createClient: typeof createCloudRecording
  start: typeof startRecording
  stop: typeof stopUntilConfirmed
}

export const ourKit: Kit = {
  createClient: createCloudRecording,
  start: startRecording,
  stop: stopUntilConfirmed,
}

export const credentials = {
  appId: 'app',
  customerId: 'customer',
  customerSecret: 'customer-s3cret',
} as const

/** The request of a recording. Only the page's URL differs between recordings. */
export const requestFor = (page: string): WebStartRequest => ({
  storageConfig: { vendor: 1, region: 0, bucket: 'recordings', accessKey: 'key', secretKey: 'secret' },
  recordingFileConfig: { avFileType: ['hls'] },
  extensionServiceConfig: {
    errorHandlePolicy: 'error_abort',
    extensionServices: [
      {
        serviceName: 'web_recorder_service',
        errorHandlePolicy: 'error_abort',
        serviceParam: {
          url: page,
          audioProfile: 0,
          videoWidth: 1280,
          videoHeight: 720,
          maxRecordingHour: 72,
        },
      },
    ],
  },
})

export const isRunning = ({ state }: TaskView): boolean => state !== 'ended' && state !== 'exiting'
