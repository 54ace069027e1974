import { z } from 'zod'

export type AvFileType = 'hls' | 'mp4'

/** `recordingFileConfig` of the modes that can make MP4 files. */
export interface RecordingFileConfig {
  /** HLS alone (default) or with MP4; never MP4 alone. */
  avFileType: AvFileType[]
}

export const avFileTypeSchema: z.ZodType<AvFileType[]> = z
  .array(z.enum(['hls', 'mp4']))
  .refine((types) => types.includes('hls') && new Set(types).size === types.length, {
    error: 'must be ["hls"] or ["hls","mp4"]',
  })
