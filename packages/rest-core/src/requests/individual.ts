import { z } from 'zod'
import { LIMITS } from './limits.ts'
import {
  type AppsCollection,
  appsCollectionSchema,
  type TranscodeOptions,
  transcodeOptionsSchema,
} from './postponed.ts'
import { type IndividualRecordingConfig, individualRecordingConfigSchema } from './recordingConfig.ts'
import { alwaysChecked, fieldOf, integerIn } from './rules.ts'
import { type StorageConfig, storageConfigSchema } from './storage.ts'

/** Screenshots of the videos. Without `recordingFileConfig` there are screenshots only. */
export interface SnapshotConfig {
  /** Seconds, 5 to 3600, default 10. */
  captureInterval?: number
  fileType: 'jpg'[]
}

/** `clientRequest` of start, individual mode: files of their own for each user. */
export interface IndividualStartRequest {
  /** RTC token of the recording's uid. It cannot be renewed: it must outlast the recording. */
  token?: string
  storageConfig: StorageConfig
  recordingConfig: IndividualRecordingConfig
  /** HLS is all there is in this mode. */
  recordingFileConfig?: { avFileType: 'hls'[] }
  snapshotConfig?: SnapshotConfig
  appsCollection?: AppsCollection
  /** With `appsCollection.combinationPolicy` `postpone_transcoding`, and only with it. */
  transcodeOptions?: TranscodeOptions
}

/** Whether files are to be made after the recording, which acquire must know as scene 2. */
export const isPostponed = (request: unknown): boolean =>
  fieldOf(fieldOf(request, 'appsCollection'), 'combinationPolicy') === 'postpone_transcoding'

const snapshotConfigSchema: z.ZodType<SnapshotConfig> = z.strictObject({
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
      error: 'must be set beside subscribeAudioUids when there is a snapshotConfig',
      ...alwaysChecked,
    },
  )
  .refine((request) => isPostponed(request) === (request.transcodeOptions !== undefined), {
    path: ['transcodeOptions'],
    error: 'goes with combinationPolicy "postpone_transcoding": neither without the other',
    ...alwaysChecked,
  })
