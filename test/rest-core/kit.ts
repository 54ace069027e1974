import {
  createCloudRecording,
  startRecording,
  stopUntilConfirmed,
  type WebStartRequest,
} from '@stillrolling/rest-core'

/** What a schedule is run with: the real things, or with one of them broken on purpose. */
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

/** The request of a recording, of which only the page is its own. */
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
