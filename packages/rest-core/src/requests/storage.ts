import { z } from 'zod'
import { LIMITS } from './limits.ts'
import { alwaysChecked } from './rules.ts'

/** Where Agora uploads the files. */
export interface StorageConfig {
  /**
   * 1 Amazon S3, 2 Alibaba, 3 Tencent, 5 Azure, 6 Google, 7 Huawei, 8 Baidu, 11 any S3-compatible service
   * (which needs `extensionParams.endpoint`).
   */
  vendor: StorageVendor
  /** Agora's number of the vendor's region; 0 for a vendor without regions. */
  region: number
  bucket: string
  accessKey: string
  secretKey: string
  /** Folders of the files' path: letters and digits, at most 128 characters when joined by `/`. */
  fileNamePrefix?: string[]
  /** Token of temporary credentials; vendors 1, 2 and 3 only. Requires `stsExpiration`. */
  stsToken?: string
  /** Unix time in seconds, at least 4 hours ahead by Agora's clock, which checks it. */
  stsExpiration?: number
  extensionParams?: {
    /** Server-side encryption; vendor 1 only. */
    sse?: 'kms' | 'aes256'
    /** Tag of the uploaded files; vendors 1 and 2 only. */
    tag?: string
    /** Host of the S3-compatible service, for vendor 11. */
    endpoint?: string
  }
}

export type StorageVendor = 1 | 2 | 3 | 5 | 6 | 7 | 8 | 11

const VENDORS = [1, 2, 3, 5, 6, 7, 8, 11] as const
const STS_VENDORS: readonly number[] = [1, 2, 3]

/** In the year 5138. A time in milliseconds is larger since 1973. */
const MAX_UNIX_SECONDS = 100_000_000_000

export const fileNamePrefixSchema: z.ZodType<string[]> = z
  .array(z.string().regex(/^[A-Za-z0-9]+$/, { error: 'must be letters and digits only' }))
  .refine((parts) => parts.join('/').length <= LIMITS.fileNamePrefixLength.max, {
    error: `must be at most ${LIMITS.fileNamePrefixLength.max} characters, joined by "/"`,
  })

export const storageConfigSchema: z.ZodType<StorageConfig> = z
  .strictObject({
    vendor: z.literal(VENDORS, { error: `must be one of ${VENDORS.join(', ')}` }),
    region: z.int().min(0),
    bucket: z.string().min(1),
    accessKey: z.string().min(1),
    secretKey: z.string().min(1),
    fileNamePrefix: fileNamePrefixSchema.optional(),
    stsToken: z.string().min(1).optional(),
    stsExpiration: z
      .int()
      .positive()
      .max(MAX_UNIX_SECONDS, { error: 'must be in Unix seconds; this is a time in milliseconds' })
      .optional(),
    extensionParams: z
      .strictObject({
        sse: z.enum(['kms', 'aes256']).optional(),
        tag: z.string().min(1).optional(),
        endpoint: z.string().min(1).optional(),
      })
      .optional(),
  })
  .refine((config) => config.vendor !== 11 || config.extensionParams?.endpoint !== undefined, {
    path: ['extensionParams', 'endpoint'],
    error: 'is required for vendor 11',
    ...alwaysChecked,
  })
  .refine((config) => config.vendor === 1 || config.extensionParams?.sse === undefined, {
    path: ['extensionParams', 'sse'],
    error: 'is supported by vendor 1 only',
    ...alwaysChecked,
  })
  .refine((config) => config.vendor <= 2 || config.extensionParams?.tag === undefined, {
    path: ['extensionParams', 'tag'],
    error: 'is supported by vendors 1 and 2 only',
    ...alwaysChecked,
  })
  .refine((config) => (config.stsToken === undefined) === (config.stsExpiration === undefined), {
    path: ['stsExpiration'],
    error: 'must be set if and only if stsToken is set',
    ...alwaysChecked,
  })
  .refine((config) => config.stsToken === undefined || STS_VENDORS.includes(config.vendor), {
    path: ['stsToken'],
    error: `is supported by vendors ${STS_VENDORS.join(', ')} only`,
    ...alwaysChecked,
  })
