import { z } from 'zod'
import { type AvFileType, avFileTypeSchema } from './avFileType.ts'
import { type MixRecordingConfig, mixRecordingConfigSchema } from './recordingConfig.ts'
import { type StorageConfig, storageConfigSchema } from './storage.ts'

/** `clientRequest` of start, composite mode: all users in one picture. */
export interface MixStartRequest {
  /** RTC token of the recording's uid. It cannot be renewed: it must outlast the recording. */
  token?: string
  storageConfig: StorageConfig
  recordingConfig: MixRecordingConfig
  /** HLS alone (default) or with MP4; never MP4 alone. */
  recordingFileConfig?: { avFileType: AvFileType[] }
}

export const mixStartRequestSchema: z.ZodType<MixStartRequest> = z.strictObject({
  token: z.string().min(1).optional(),
  storageConfig: storageConfigSchema,
  recordingConfig: mixRecordingConfigSchema,
  recordingFileConfig: z.strictObject({ avFileType: avFileTypeSchema }).optional(),
})
