import { LIMITS, type WebStartRequest } from '@stillrolling/rest-core'
import type { PageRequest } from '../../pageRequest.ts'
import type { Attempt } from '../../supervisor/recording.ts'
import { signToken, withToken } from '../../token.ts'
import { storageOfAttempt } from './storageOfAttempt.ts'
import type { Requested, StartTools, TaskKind } from './taskKind.ts'

/** Agora's web page mode. */
export const page: TaskKind<PageRequest> = {
  canPause: true,
  modeOf: () => 'web',
  predictableFiles: ({ avFileType }) => avFileType,
  factsOf: ({ maxRecordingHour }, id) => ({
    kind: 'page',
    cname: id,
    maxRecordingHour,
    maxIdleTime: null,
  }),
  startOf: async (requested, attempt, tools) => ({
    task: { mode: 'web', clientRequest: startRequest(requested, attempt, tools) },
    resourceExpiredHour: Math.max(LIMITS.resourceExpiredHour.default, requested.request.maxRecordingHour),
  }),
  updateOf: ({ recording: { paused: onhold } }) => ({
    sent: { onhold },
    evidence: { onhold },
    send: (agora, { drainSignal, ...task }) =>
      agora.update(
        { ...task, mode: 'web', clientRequest: { webRecordingConfig: { onhold } } },
        { drainSignal },
      ),
  }),
}

const startRequest = (
  { request, recording }: Requested<PageRequest>,
  attempt: Attempt,
  { storage, secret }: StartTools,
): WebStartRequest => {
  const { video } = request
  const { fence } = recording.policy
  const { number, nonce } = attempt
  const token = signToken({ recordingId: recording.id, attempt: number, nonce }, secret, { fence })
  return {
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
}
