import { z } from 'zod'
import { fieldOf, schemaChosenBy } from './rules.ts'

/** With `postpone_transcoding` Agora makes the files within 24 hours after the recording (scene 2). Agora has retired it. */
export interface AppsCollection {
  combinationPolicy?: 'default' | 'postpone_transcoding'
}

/** The files made after the recording: an MP4 file for each user, or one audio file of all users. */
export type TranscodeOptions =
  | { transConfig: { transMode: 'postponeTranscoding' }; container?: { format: 'mp4' } }
  | {
      transConfig: { transMode: 'audioMix' }
      /** Default `mp3`. */
      container?: { format: 'mp3' | 'm4a' | 'aac' }
      audio?: {
        /** Hz, default `48000`. */
        sampleRate?: '48000' | '32000' | '16000'
        bitrate?: '48000'
        /** Default `2`. */
        channels?: '1' | '2'
      }
    }

export const appsCollectionSchema: z.ZodType<AppsCollection> = z.strictObject({
  combinationPolicy: z.enum(['default', 'postpone_transcoding']).optional(),
})

const postponeSchema: z.ZodType<TranscodeOptions> = z.strictObject({
  transConfig: z.strictObject({
    transMode: z.literal('postponeTranscoding', { error: 'must be "postponeTranscoding" or "audioMix"' }),
  }),
  container: z
    .strictObject({ format: z.literal('mp4', { error: 'must be "mp4" for postponed transcoding' }) })
    .optional(),
})

const audioMixSchema: z.ZodType<TranscodeOptions> = z.strictObject({
  transConfig: z.strictObject({ transMode: z.literal('audioMix') }),
  container: z.strictObject({ format: z.enum(['mp3', 'm4a', 'aac']) }).optional(),
  audio: z
    .strictObject({
      sampleRate: z.enum(['48000', '32000', '16000']).optional(),
      bitrate: z.literal('48000').optional(),
      channels: z.enum(['1', '2']).optional(),
    })
    .optional(),
})

export const transcodeOptionsSchema: z.ZodType<TranscodeOptions> = schemaChosenBy((value) =>
  fieldOf(fieldOf(value, 'transConfig'), 'transMode') === 'audioMix' ? audioMixSchema : postponeSchema,
)
