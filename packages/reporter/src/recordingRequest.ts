import { type Expectation, TOKEN_PARAMETER } from '@stillrolling/probe/types'
import { avFileTypeSchema, LIMITS, recordedUrlSchema } from '@stillrolling/rest-core'
import { z } from 'zod'
import { expectationsSchema } from './expectationSchema.ts'
import { type PolicyInput, policyInputSchema } from './supervisor/policy.ts'

/** A request to record one page until it is stopped, with defaults filled in. docs/api.md describes each field. */
export interface RecordingRequest {
  id?: string
  url: string
  video: VideoRequest
  audioProfile: 0 | 1 | 2
  maxRecordingHour: number
  avFileType: ('hls' | 'mp4')[]
  /** Name of a profile in STORAGE_PROFILES. */
  storage: string
  /** What must be visible or true in the page; a string is the selector of an element. */
  expect: (string | Expectation)[]
  /** Media that must play; a string is the selector of a media element. */
  media: (string | Expectation)[]
  policy?: PolicyInput
  /** Returned unchanged; up to 4096 bytes of JSON. */
  metadata: Record<string, unknown>
}

export interface VideoRequest {
  width: number
  height: number
  fps?: number
  bitrate?: number
}

const range = ({ min, max }: { min: number; max: number }): z.ZodInt => z.int().min(min).max(max)

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

/** The body of `POST /v1/recordings`. Unknown fields are refused, because a misspelt one would be ignored silently. */
export const recordingRequestSchema: z.ZodType<RecordingRequest, unknown> = z
  .strictObject({
    id: z
      .string()
      .regex(/^[A-Za-z0-9]{1,64}$/, { error: 'must be 1 to 64 letters and digits' })
      .optional(),
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
    storage: z.string().min(1).max(64).default('default'),
    expect: expectationsSchema.default([]),
    media: expectationsSchema.default([]),
    policy: policyInputSchema.optional(),
    metadata: z
      .record(z.string(), z.unknown())
      .refine((metadata) => bytesOf(metadata) <= 4096, { error: 'must be at most 4 KiB of JSON' })
      .default({}),
  })
  .meta({ id: 'RecordingRequest' })

/** Bytes of UTF-8; infinite for a value nested too deeply to be serialised. */
const bytesOf = (value: unknown): number => {
  try {
    return Buffer.byteLength(JSON.stringify(value))
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

const hasTokenParameter = (url: string): boolean =>
  URL.canParse(url) && new URL(url).searchParams.has(TOKEN_PARAMETER)
