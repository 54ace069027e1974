import { type Expectation, TOKEN_PARAMETER } from '@stillrolling/probe/types'
import { avFileTypeSchema, LIMITS, recordedUrlSchema } from '@stillrolling/rest-core'
import { z } from 'zod'
import { type CommonRequest, leadingFields, originalField, range, trailingFields } from './commonRequest.ts'
import { expectationsSchema } from './expectationSchema.ts'

/** A request to record one page until it is stopped, with defaults filled in. */
export interface PageRequest extends CommonRequest {
  kind: 'page'
  url: string
  video: VideoRequest
  audioProfile: 0 | 1 | 2
  maxRecordingHour: number
  avFileType: ('hls' | 'mp4')[]
  /** What must be visible or true in the page; a string is the selector of an element. */
  expect: (string | Expectation)[]
  /** Media that must play; a string is the selector of a media element. */
  media: (string | Expectation)[]
}

export interface VideoRequest {
  width: number
  height: number
  fps?: number
  bitrate?: number
}

const videoSchema = z
  .strictObject({
    width: range(LIMITS.videoSide).default(1280),
    height: range(LIMITS.videoSide).default(720),
    fps: range(LIMITS.videoFps).optional(),
    bitrate: z.int().positive().optional().meta({ description: 'kbit/s' }),
  })
  .refine(({ width, height }) => width * height <= LIMITS.videoPixels.max, {
    path: ['height'],
    error: 'times width must be at most 1920 × 1080',
  })

const hasTokenParameter = (url: string): boolean =>
  URL.canParse(url) && new URL(url).searchParams.has(TOKEN_PARAMETER)

const pageFields = {
  ...leadingFields,
  kind: z.literal('page').optional(),
  url: recordedUrlSchema.refine((url) => !hasTokenParameter(url), {
    error: `must not carry the parameter "${TOKEN_PARAMETER}": the reporter adds it`,
  }),
  video: videoSchema.default({ width: 1280, height: 720 }),
  audioProfile: z
    .literal([0, 1, 2], { error: 'must be 0, 1 or 2' })
    .default(0)
    // The generator takes the first of several literals for the only one.
    .meta({ type: 'integer', enum: [0, 1, 2], default: 0 }),
  maxRecordingHour: range(LIMITS.maxRecordingHour).default(3),
  avFileType: avFileTypeSchema.default(['hls']),
  expect: expectationsSchema.default([]),
  media: expectationsSchema.default([]),
  ...trailingFields('page'),
}

/** The fields of a request for a page. Unknown ones are refused, because a misspelt one would be ignored silently. */
export const pageRequestSchema: z.ZodObject = z.strictObject(pageFields).meta({ id: 'PageRequest' })

export const storedPageRequestSchema: z.ZodObject = z.strictObject({ ...pageFields, ...originalField })
