import { z } from 'zod'
import type { BucketConfig } from '../recorder/s3Target.ts'

export interface AcquireRequest {
  cname: string
  uid: string
  clientRequest: {
    scene: number
    resourceExpiredHour: number
    /** The `clientRequest` that start will send. */
    startParameter?: Record<string, unknown>
  }
}

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

interface StorageConfig extends BucketConfig {
  fileNamePrefix?: string[]
  /** Unix seconds. */
  stsExpiration?: number
}

export interface StartRequest {
  cname: string
  uid: string
  clientRequest: {
    storageConfig: StorageConfig
    recordingFileConfig: { avFileType: ('hls' | 'mp4')[] }
    extensionServiceConfig: { extensionServices: ExtensionService[] }
  }
}

export interface UpdateRequest {
  cname: string
  uid: string
  clientRequest: {
    webRecordingConfig?: { onhold: boolean }
    rtmpPublishConfig?: { outputs: RtmpOutput[] }
    storageConfig?: StorageConfig
  }
}

export interface StopRequest {
  cname: string
  uid: string
  clientRequest: { async_stop: boolean }
}

/**
 * A valid request with its defaults filled in; or the name of the first field that is not valid (empty for the whole
 * body), and a text that names the path of every such field.
 */
export type Checked<Request> = { ok: true; request: Request } | { ok: false; field: string; detail: string }

// The ranges of web page mode are those of https://docs.agora.io/en/api-reference/api-ref/cloud-recording/start.
// Unknown fields are accepted.

const MAX_PIXELS = 1920 * 1080
const MIN_STS_SECONDS = 4 * 3600
const STS_VENDORS = [1, 2, 3]
const S3_COMPATIBLE = 11
const MAX_PREFIX_LENGTH = 128

const cname = z
  .string()
  .min(1)
  .refine((name) => Buffer.byteLength(name) <= 1024, 'must be at most 1024 bytes')

const uid = z
  .string()
  .refine(
    (text) => /^[1-9]\d{0,9}$/.test(text) && Number(text) < 2 ** 32,
    'must be a string holding an integer from 1 to 4294967295',
  )

const identity = { cname, uid }

const fileNamePrefix = z
  .array(z.string().regex(/^[A-Za-z0-9]+$/, 'must hold letters and digits only'))
  .refine(
    (parts) => parts.join('/').length <= MAX_PREFIX_LENGTH,
    `must be at most ${MAX_PREFIX_LENGTH} long in all`,
  )

const storageConfig = z
  .object({
    vendor: z.literal([1, 2, 3, 5, 6, 7, 8, 11], 'must be 1, 2, 3, 5, 6, 7, 8 or 11'),
    region: z.int().min(0),
    bucket: z.string().min(1),
    accessKey: z.string().min(1),
    secretKey: z.string().min(1),
    fileNamePrefix: fileNamePrefix.optional(),
    stsToken: z.string().min(1).optional(),
    stsExpiration: z.int().optional(),
    extensionParams: z
      .object({
        endpoint: z.string().min(1).optional(),
        sse: z.string().optional(),
        tag: z.string().optional(),
      })
      .optional(),
  })
  .superRefine((config, context) => {
    const wrong = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message })
    if (config.vendor === S3_COMPATIBLE && !config.extensionParams?.endpoint) {
      wrong('extensionParams.endpoint', 'is required for vendor 11')
    }
    if (config.stsToken === undefined) return
    if (!STS_VENDORS.includes(config.vendor)) wrong('stsToken', 'works with vendors 1, 2 and 3 only')
    if (config.stsExpiration === undefined) wrong('stsExpiration', 'is required with stsToken')
  })

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

const avFileType = z
  .array(z.enum(['hls', 'mp4']))
  .refine(
    (types) => types[0] === 'hls' && (types.length === 1 || (types.length === 2 && types[1] === 'mp4')),
    'must be ["hls"] or ["hls","mp4"]',
  )

const acquireSchema: z.ZodType<AcquireRequest> = z.object({
  ...identity,
  clientRequest: z.object({
    scene: z.int().min(0).max(2).default(0),
    resourceExpiredHour: z.int().min(1).max(720).default(72),
    region: z.enum(['CN', 'AP', 'EU', 'NA']).optional(),
    excludeResourceIds: z.array(z.string()).optional(),
    startParameter: z.record(z.string(), z.unknown()).optional(),
  }),
})

const startSchema: z.ZodType<StartRequest> = z.object({
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

const updateSchema: z.ZodType<UpdateRequest> = z.object({
  ...identity,
  clientRequest: z.object({
    webRecordingConfig: z.object({ onhold: z.boolean() }).optional(),
    rtmpPublishConfig: z.object({ outputs: rtmpOutputs }).optional(),
    storageConfig: storageConfig.optional(),
  }),
})

const stopSchema: z.ZodType<StopRequest> = z.object({
  ...identity,
  clientRequest: z.object({ async_stop: z.boolean().default(false) }),
})

const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .slice(1) || 'body'

const check = <Request>(schema: z.ZodType<Request>, body: unknown): Checked<Request> => {
  const parsed = schema.safeParse(body)
  if (parsed.success) return { ok: true, request: parsed.data }
  const { issues } = parsed.error
  const details = issues.map(({ path, message }) => `${pathOf(path)} ${message}`)
  const field = issues[0]?.path.findLast((part) => typeof part === 'string') ?? ''
  return { ok: false, field, detail: details.join('; ') }
}

export const checkAcquire = (body: unknown): Checked<AcquireRequest> => check(acquireSchema, body)

/** The only rule that depends on the time. It is not in the schemas because building them for each call costs 1 ms. */
const checkSts = <Request extends { clientRequest: { storageConfig?: StorageConfig } }>(
  checked: Checked<Request>,
  now: number,
): Checked<Request> => {
  if (!checked.ok) return checked
  const { stsExpiration } = checked.request.clientRequest.storageConfig ?? {}
  if (stsExpiration === undefined || stsExpiration >= now / 1000 + MIN_STS_SECONDS) return checked
  return {
    ok: false,
    field: 'stsExpiration',
    detail: 'clientRequest.storageConfig.stsExpiration must be at least 4 hours ahead',
  }
}

/** @param now in ms since the epoch; STS credentials must be valid for at least another 4 hours */
export const checkStart = (body: unknown, now: number): Checked<StartRequest> =>
  checkSts(check(startSchema, body), now)

/** @param now in ms since the epoch, as for `checkStart` */
export const checkUpdate = (body: unknown, now: number): Checked<UpdateRequest> =>
  checkSts(check(updateSchema, body), now)

export const checkStop = (body: unknown): Checked<StopRequest> => check(stopSchema, body)
