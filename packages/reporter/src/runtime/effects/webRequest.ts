import type { StorageConfig, WebStartRequest } from '@stillrolling/rest-core'
import type { RecordingRequest } from '../../recordingRequest.ts'
import type { Attempt, Recording } from '../../supervisor/recording.ts'
import { signToken, withToken } from '../../token.ts'

/** Agora's default for `resourceExpiredHour`. After that time query, update and stop no longer work. */
const MIN_RESOURCE_HOURS = 72

/** The prefix contains recording and attempt, so that no attempt overwrites the files of another. */
export const storageOfAttempt = (
  storage: StorageConfig,
  recordingId: string,
  attempt: number,
): StorageConfig => ({
  ...storage,
  fileNamePrefix: [...(storage.fileNamePrefix ?? []), recordingId, `a${attempt}`],
})

/** The start request of an attempt. It is the same every time but for temporary credentials, so that it can be sent again. */
export const webRequest = (
  { request, recording }: { request: RecordingRequest; recording: Recording },
  attempt: Attempt,
  { storage, secret }: { storage: StorageConfig; secret: string },
): { start: WebStartRequest; resourceExpiredHour: number } => {
  const { video } = request
  const { fence } = recording.policy
  const { number, nonce } = attempt
  const token = signToken({ recordingId: recording.id, attempt: number, nonce }, secret, { fence })
  const start: WebStartRequest = {
    storageConfig: storageOfAttempt(storage, recording.id, number),
    recordingFileConfig: { avFileType: request.avFileType },
    extensionServiceConfig: {
      errorHandlePolicy: 'error_abort',
      extensionServices: [
        {
          serviceName: 'web_recorder_service',
          errorHandlePolicy: 'error_abort',
          serviceParam: {
            url: withToken(request.url, token),
            audioProfile: request.audioProfile,
            videoWidth: video.width,
            videoHeight: video.height,
            ...(video.fps !== undefined && { videoFps: video.fps }),
            ...(video.bitrate !== undefined && { videoBitrate: video.bitrate }),
            maxRecordingHour: request.maxRecordingHour,
            readyTimeout: recording.policy.readyTimeout,
            // A new attempt of a paused recording opens its page but writes nothing.
            ...(attempt.onhold && { onhold: true }),
          },
        },
      ],
    },
  }
  return { start, resourceExpiredHour: Math.max(MIN_RESOURCE_HOURS, request.maxRecordingHour) }
}
