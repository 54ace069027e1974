import { z } from 'zod'
import { avFileTypeSchema, type RecordingFileConfig } from './avFileType.ts'
import { LIMITS } from './limits.ts'
import { integerIn } from './rules.ts'
import { type StorageConfig, storageConfigSchema } from './storage.ts'

/** The page that the recorder's browser opens, and how it records it (`web_recorder_service`). */
export interface WebRecorderServiceParam {
  /** The page. It must fit one screen, and must not redirect to another domain or use WebGL. */
  url: string
  /** 0: 48 kHz mono, about 48 kbit/s; 1: mono, about 128; 2: stereo, about 192. */
  audioProfile: 0 | 1 | 2
  /** Pixels, 240 to 1920; width times height at most 1920 × 1080. */
  videoWidth: number
  /** Pixels, 240 to 1920. */
  videoHeight: number
  /** Hours after which Agora ends the recording, 1 to 720. Should not exceed `resourceExpiredHour`. */
  maxRecordingHour: number
  /** kbit/s; default 2000 from 1280 × 720 up, else 1500. */
  videoBitrate?: number
  /** 5 to 60, default 15. */
  videoFps?: number
  /** Default false. */
  mobile?: boolean
  /** Minutes per MP4 file, 30 to 240, default 120. */
  maxVideoDuration?: number
  /** Opens the page but writes nothing until an update with `onhold: false`. Default false. */
  onhold?: boolean
  /**
   * Seconds within which the page must call `navigator.notifyReady()`: an integer from 0 to 60, default 0 or null (off). After
   * the first timeout Agora reloads the page (event 73), after the second it stops the recording (event 71, code 4).
   */
  readyTimeout?: number | null
}

export interface RtmpOutputs {
  outputs: { rtmpUrl: string }[]
}

export type ExtensionService =
  | {
      serviceName: 'web_recorder_service'
      errorHandlePolicy?: 'error_abort'
      serviceParam: WebRecorderServiceParam
    }
  | {
      serviceName: 'rtmp_publish_service'
      errorHandlePolicy?: 'error_ignore' | 'error_abort'
      /** One output at a time. */
      serviceParam: RtmpOutputs
    }

/** `clientRequest` of start, web page mode. */
export interface WebStartRequest {
  /** Not used in this mode, but Agora's own examples have it. */
  token?: string
  storageConfig: StorageConfig
  recordingFileConfig?: RecordingFileConfig
  extensionServiceConfig: {
    errorHandlePolicy?: 'error_abort'
    /** Exactly one `web_recorder_service`; at most one `rtmp_publish_service`. */
    extensionServices: ExtensionService[]
  }
}

export const recordedUrlSchema: z.ZodType<string> = z.url({
  protocol: /^https?$/,
  error: 'must be an http or https URL',
})

const webRecorderShape = {
  url: recordedUrlSchema,
  audioProfile: z.literal([0, 1, 2], { error: 'must be 0, 1 or 2' }),
  videoWidth: integerIn(LIMITS.videoSide),
  videoHeight: integerIn(LIMITS.videoSide),
  maxRecordingHour: integerIn(LIMITS.maxRecordingHour),
  videoBitrate: z.int().positive().optional(),
  videoFps: integerIn(LIMITS.videoFps).optional(),
  mobile: z.boolean().optional(),
  maxVideoDuration: integerIn(LIMITS.maxVideoDuration).optional(),
  onhold: z.boolean().optional(),
  readyTimeout: integerIn(LIMITS.readyTimeout).nullable().optional(),
}

export const webRecorderServiceParamSchema: z.ZodType<WebRecorderServiceParam> = z
  .strictObject(webRecorderShape)
  .refine(({ videoWidth, videoHeight }) => videoWidth * videoHeight <= LIMITS.videoPixels.max, {
    path: ['videoHeight'],
    error: 'times videoWidth must be at most 1920 × 1080',
    // Checked even if other fields are invalid, provided that both factors are numbers.
    when: ({ value }) => sidesSchema.safeParse(value).success,
  })

const sidesSchema = z.object({ videoWidth: z.number(), videoHeight: z.number() })

export const rtmpOutputsSchema: z.ZodType<RtmpOutputs> = z.strictObject({
  outputs: z
    .array(
      z.strictObject({ rtmpUrl: z.url({ protocol: /^rtmps?$/, error: 'must be an rtmp or rtmps URL' }) }),
    )
    .length(1, { error: 'must be one output' }),
})

const extensionServiceSchema: z.ZodType<ExtensionService> = z.discriminatedUnion('serviceName', [
  z.strictObject({
    serviceName: z.literal('web_recorder_service'),
    errorHandlePolicy: z.literal('error_abort').optional(),
    serviceParam: webRecorderServiceParamSchema,
  }),
  z.strictObject({
    serviceName: z.literal('rtmp_publish_service'),
    errorHandlePolicy: z.enum(['error_ignore', 'error_abort']).optional(),
    serviceParam: rtmpOutputsSchema,
  }),
])

const count = (services: readonly ExtensionService[], name: ExtensionService['serviceName']): number =>
  services.filter(({ serviceName }) => serviceName === name).length

export const webStartRequestSchema: z.ZodType<WebStartRequest> = z.strictObject({
  token: z.string().min(1).optional(),
  storageConfig: storageConfigSchema,
  recordingFileConfig: z.strictObject({ avFileType: avFileTypeSchema }).optional(),
  extensionServiceConfig: z.strictObject({
    errorHandlePolicy: z.literal('error_abort').optional(),
    extensionServices: z
      .array(extensionServiceSchema)
      .refine((services) => count(services, 'web_recorder_service') === 1, {
        error: 'must have exactly one web_recorder_service',
      })
      .refine((services) => count(services, 'rtmp_publish_service') <= 1, {
        error: 'must have at most one rtmp_publish_service',
      }),
  }),
})
