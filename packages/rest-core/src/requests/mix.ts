import { z } from 'zod'
import { avFileTypeSchema, type RecordingFileConfig } from './avFileType.ts'
import { type ChannelAccess, type MixRecordingConfig, mixRecordingConfigSchema } from './recordingConfig.ts'
import { storageConfigSchema } from './storage.ts'

/** `clientRequest` of start, composite mode: all users in one video. */
export interface MixStartRequest extends ChannelAccess {
  recordingConfig: MixRecordingConfig
  recordingFileConfig?: RecordingFileConfig
}

export const mixStartRequestSchema: z.ZodType<MixStartRequest> = z.strictObject({
  token: z.string().min(1).optional(),
  storageConfig: storageConfigSchema,
  recordingConfig: mixRecordingConfigSchema,
  recordingFileConfig: z.strictObject({ avFileType: avFileTypeSchema }).optional(),
})
