import { z } from 'zod'
import {
  type AvFileType,
  avFileType,
  type Checked,
  check,
  checkSts,
  type Identity,
  identity,
  MAX_PIXELS,
  type StorageConfig,
  storageConfig,
} from './common.ts'

export interface WebServiceParam {
  url: string
  audioProfile: number
  videoWidth: number
  videoHeight: number
  maxRecordingHour: number
  mobile: boolean
  maxVideoDuration: number
  onhold: boolean
  readyTimeout: number | null
}

export interface RtmpOutput {
  rtmpUrl: string
}

export type ExtensionService =
  | { serviceName: 'web_recorder_service'; serviceParam: WebServiceParam }
  | { serviceName: 'rtmp_publish_service'; serviceParam: { outputs: RtmpOutput[] } }

export interface WebStartRequest extends Identity {
  clientRequest: {
    storageConfig: StorageConfig
    recordingFileConfig: { avFileType: AvFileType[] }
    extensionServiceConfig: { extensionServices: ExtensionService[] }
  }
}

export interface WebUpdateRequest extends Identity {
  clientRequest: {
    webRecordingConfig?: { onhold: boolean }
    rtmpPublishConfig?: { outputs: RtmpOutput[] }
    storageConfig?: StorageConfig
  }
}

const webServiceParam = z
  .object({
    url: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }),
    audioProfile: z.int().min(0).max(2),
    videoWidth: z.int().min(240).max(1920),
    videoHeight: z.int().min(240).max(1920),
    maxRecordingHour: z.int().min(1).max(720),
    videoBitrate: z.int().positive().optional(),
    videoFps: z.int().min(5).max(60).default(15),
    mobile: z.boolean().default(false),
    maxVideoDuration: z.int().min(30).max(240).default(120),
    onhold: z.boolean().default(false),
    readyTimeout: z.int().min(0).max(60).nullable().default(0),
  })
  .refine(({ videoWidth, videoHeight }) => videoWidth * videoHeight <= MAX_PIXELS, {
    path: ['videoWidth'],
    message: `times videoHeight must be at most ${MAX_PIXELS}`,
  })

const rtmpOutputs = z
  .array(z.object({ rtmpUrl: z.string().regex(/^rtmps?:\/\//, 'must be an rtmp URL') }))
  .length(1)

const servicePolicy = z.enum(['error_abort', 'error_ignore']).optional()

const extensionService = z.discriminatedUnion('serviceName', [
  z.object({
    serviceName: z.literal('web_recorder_service'),
    errorHandlePolicy: servicePolicy,
    serviceParam: webServiceParam,
  }),
  z.object({
    serviceName: z.literal('rtmp_publish_service'),
    errorHandlePolicy: servicePolicy,
    serviceParam: z.object({ outputs: rtmpOutputs }),
  }),
])

const extensionServices = z.array(extensionService).superRefine((services, context) => {
  const names = services.map(({ serviceName }) => serviceName)
  const count = (name: string) => names.filter((candidate) => candidate === name).length
  if (count('web_recorder_service') !== 1) {
    context.addIssue({ code: 'custom', path: [], message: 'must hold web_recorder_service once' })
  }
  if (count('rtmp_publish_service') > 1) {
    context.addIssue({ code: 'custom', path: [], message: 'must hold rtmp_publish_service at most once' })
  }
})

const startSchema: z.ZodType<WebStartRequest> = z.object({
  ...identity,
  clientRequest: z.object({
    storageConfig,
    recordingFileConfig: z
      .object({ avFileType: avFileType.default(['hls']) })
      .default({ avFileType: ['hls'] }),
    extensionServiceConfig: z.object({
      errorHandlePolicy: z.literal('error_abort').optional(),
      extensionServices,
    }),
  }),
})

const updateSchema: z.ZodType<WebUpdateRequest> = z.object({
  ...identity,
  clientRequest: z.object({
    webRecordingConfig: z.object({ onhold: z.boolean() }).optional(),
    rtmpPublishConfig: z.object({ outputs: rtmpOutputs }).optional(),
    storageConfig: storageConfig.optional(),
  }),
})

/** @param now in ms since the epoch; STS credentials must be valid for at least another 4 hours */
export const checkWebStart = (body: unknown, now: number): Checked<WebStartRequest> =>
  checkSts(check(startSchema, body), now)

/** @param now in ms since the epoch, as for `checkWebStart` */
export const checkWebUpdate = (body: unknown, now: number): Checked<WebUpdateRequest> =>
  checkSts(check(updateSchema, body), now)
