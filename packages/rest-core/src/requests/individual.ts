import { z } from 'zod'
import { LIMITS } from './limits.ts'
import {
  type AppsCollection,
  appsCollectionSchema,
  type TranscodeOptions,
  transcodeOptionsSchema,
} from './postponed.ts'
import {
  type ChannelAccess,
  type IndividualRecordingConfig,
  individualRecordingConfigSchema,
} from './recordingConfig.ts'
import { alwaysChecked, fieldOf, integerIn } from './rules.ts'
import { storageConfigSchema } from './storage.ts'

/** Screenshots of the videos. Without `recordingFileConfig` Agora makes only screenshots. */
export interface SnapshotConfig {
  /** Seconds, 1 to 3600, default 10. */
  captureInterval?: number
  fileType: 'jpg'[]
}

/** `clientRequest` of start, individual mode: each user has files of their own. */
export interface IndividualStartRequest extends ChannelAccess {
  recordingConfig: IndividualRecordingConfig
  /** This mode has HLS only. */
  recordingFileConfig?: { avFileType: 'hls'[] }
  snapshotConfig?: SnapshotConfig
  appsCollection?: AppsCollection
  /** Required if `appsCollection.combinationPolicy` is `postpone_transcoding`, else not allowed. */
  transcodeOptions?: TranscodeOptions
}

/** Whether Agora makes the files after the recording, for which acquire needs scene 2. */
export const isPostponed = (request: unknown): boolean =>
  fieldOf(fieldOf(request, 'appsCollection'), 'combinationPolicy') === 'postpone_transcoding'

export const snapshotConfigSchema: z.ZodType<SnapshotConfig> = z.strictObject({
  captureInterval: integerIn(LIMITS.captureInterval).optional(),
  fileType: z.array(z.literal('jpg')).length(1, { error: 'must be ["jpg"]' }),
})

export const individualStartRequestSchema: z.ZodType<IndividualStartRequest> = z
  .strictObject({
    token: z.string().min(1).optional(),
    storageConfig: storageConfigSchema,
    recordingConfig: individualRecordingConfigSchema,
    recordingFileConfig: z
      .strictObject({
        avFileType: z.array(z.literal('hls')).length(1, { error: 'must be ["hls"] in individual mode' }),
      })
      .optional(),
    snapshotConfig: snapshotConfigSchema.optional(),
    appsCollection: appsCollectionSchema.optional(),
    transcodeOptions: transcodeOptionsSchema.optional(),
  })
  .refine(({ snapshotConfig, recordingConfig }) => !snapshotConfig || recordingConfig?.streamTypes !== 0, {
    path: ['snapshotConfig'],
    error: 'needs video: streamTypes must be 1 or 2',
    ...alwaysChecked,
  })
  .refine(
    ({ snapshotConfig, recordingConfig: config }) =>
      !snapshotConfig || !config?.subscribeAudioUids || config.subscribeVideoUids !== undefined,
    {
      path: ['recordingConfig', 'subscribeVideoUids'],
      error: 'must be set together with subscribeAudioUids if there is a snapshotConfig',
      ...alwaysChecked,
    },
  )
  .refine((request) => isPostponed(request) === (request.transcodeOptions !== undefined), {
    path: ['transcodeOptions'],
    error: 'must be set if and only if combinationPolicy is "postpone_transcoding"',
    ...alwaysChecked,
  })
