import { z } from 'zod'
import type { BucketConfig } from '../../recorder/s3Target.ts'

export interface Identity {
  cname: string
  uid: string
}

export interface StorageConfig extends BucketConfig {
  fileNamePrefix?: string[]
  /** Unix seconds. */
  stsExpiration?: number
}

/**
 * A valid request with its defaults filled in; or the name of the first field that is not valid (empty for the whole
 * body), and a text that names the path of every such field.
 */
export type Checked<Request> = { ok: true; request: Request } | { ok: false; field: string; detail: string }

// The ranges are those of https://docs.agora.io/en/api-reference/api-ref/cloud-recording/start.
// Unknown fields are accepted.

const MIN_STS_SECONDS = 4 * 3600
const STS_VENDORS = [1, 2, 3]
const S3_COMPATIBLE = 11
const MAX_PREFIX_LENGTH = 128

export const cname: z.ZodType<string> = z
  .string()
  .min(1)
  .refine((name) => Buffer.byteLength(name) <= 1024, 'must be at most 1024 bytes')

export const uid: z.ZodType<string> = z
  .string()
  .refine(
    (text) => /^[1-9]\d{0,9}$/.test(text) && Number(text) < 2 ** 32,
    'must be a string holding an integer from 1 to 4294967295',
  )

export const identity: { cname: z.ZodType<string>; uid: z.ZodType<string> } = { cname, uid }

const fileNamePrefix = z
  .array(z.string().regex(/^[A-Za-z0-9]+$/, 'must hold letters and digits only'))
  .refine(
    (parts) => parts.join('/').length <= MAX_PREFIX_LENGTH,
    `must be at most ${MAX_PREFIX_LENGTH} long in all`,
  )

export const storageConfig: z.ZodType<StorageConfig> = z
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

export type AvFileType = 'hls' | 'mp4'

/** The files of a page's or of a composite recording. */
export const avFileType: z.ZodType<AvFileType[]> = z
  .array(z.enum(['hls', 'mp4']))
  .refine(
    (types) => types[0] === 'hls' && (types.length === 1 || (types.length === 2 && types[1] === 'mp4')),
    'must be ["hls"] or ["hls","mp4"]',
  )

/** Of the picture of a page, and of a composite recording. */
export const MAX_PIXELS: number = 1920 * 1080

const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .slice(1) || 'body'

export const check = <Request>(schema: z.ZodType<Request>, body: unknown): Checked<Request> => {
  const parsed = schema.safeParse(body)
  if (parsed.success) return { ok: true, request: parsed.data }
  const { issues } = parsed.error
  const details = issues.map(({ path, message }) => `${pathOf(path)} ${message}`)
  const field = issues[0]?.path.findLast((part) => typeof part === 'string') ?? ''
  return { ok: false, field, detail: details.join('; ') }
}

const identitySchema: z.ZodType<Identity> = z.object({ ...identity, clientRequest: z.looseObject({}) })

/** Checks the fields that all bodies have. */
export const checkIdentity = (body: unknown): Checked<Identity> => check(identitySchema, body)

/** The only rule that depends on the time. It is not in the schemas because building them for each call costs 1 ms. */
export const checkSts = <Request extends { clientRequest: { storageConfig?: StorageConfig } }>(
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
