import { LIMITS, type StorageConfig, type StsCredentials, storageConfigSchema } from '@stillrolling/rest-core'
import { z } from 'zod'
import { CREDENTIAL_ERROR, isCredential } from './configValues.ts'
import { isLoopback } from './networkAddress.ts'
import { MAX_FOLDER_LENGTH } from './runtime/kinds/folderOf.ts'

/** Where Agora uploads the files, with keys that do not expire, or with an address that gives out temporary ones. */
export type StorageProfile = StorageConfig | TemporaryProfile

/** By name. */
export type StorageProfiles = Readonly<Record<string, StorageProfile>>

/** The profile with this name; undefined if there is none, also for a name that every object has (`constructor`). */
export const profileOf = (profiles: StorageProfiles, name: string): StorageProfile | undefined =>
  Object.hasOwn(profiles, name) ? profiles[name] : undefined

/** A profile whose temporary credentials are fetched for each start, and renewed while attempts run. */
export type TemporaryProfile = Omit<StorageConfig, keyof StsCredentials> & { credentials: CredentialsSource }

export interface CredentialsSource {
  /** Answers GET with `accessKey`, `secretKey`, `stsToken` and `stsExpiration` as JSON. */
  url: string
  /** The header `authorization` of the request. */
  authorization?: string
}

export const isTemporary = (profile: StorageProfile): profile is TemporaryProfile => 'credentials' in profile

/** `fileNamePrefix` ends in the recording's folder, "standby" and the attempt ("a" and up to 6 digits, see `UID_BLOCK`), with slashes between. */
const PREFIX_RESERVE = MAX_FOLDER_LENGTH + 7 + 7 + 3
const MAX_PREFIX_LENGTH = LIMITS.fileNamePrefixLength.max - PREFIX_RESERVE

const sourceSchema: z.ZodType<CredentialsSource> = z.strictObject({
  url: z.string().refine(
    (text) => {
      const url = URL.canParse(text) ? new URL(text) : undefined
      const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))
      return isSafe && url.username + url.password === ''
    },
    { error: 'must be an https URL, or an http URL of this machine, without a user name or password' },
  ),
  authorization: z
    .string()
    .regex(/^[\x20-\x7e]+$/, { error: 'must be printable ASCII' })
    .optional(),
})

/** In place of the credentials that a temporary profile has not got yet: what else it has is checked as for a start. */
const PLACEHOLDER: StsCredentials = { accessKey: '-', secretKey: '-', stsToken: '-', stsExpiration: 1 }

const permanentSchema = storageConfigSchema.refine(({ stsToken }) => stsToken === undefined, {
  path: ['stsToken'],
  error:
    'must not be set: it would expire while recordings run. Set credentials.url, from which the reporter fetches temporary credentials, or use keys that do not expire',
})

/** None of them has white space at any vendor; a key that was copied with a line break fails only after hours, at the upload. */
const WITHOUT_SPACE = ['bucket', 'accessKey', 'secretKey'] as const

/** A profile as it is written in STORAGE_PROFILES. */
export const storageProfileSchema: z.ZodType<StorageProfile, unknown> = z
  .record(z.string(), z.unknown())
  .transform((written, context): StorageProfile => {
    const { credentials, ...storage } = written
    const isTemporaryProfile = 'credentials' in written
    const checked = isTemporaryProfile
      ? storageConfigSchema.safeParse({ ...storage, ...PLACEHOLDER })
      : permanentSchema.safeParse(written)
    const source = isTemporaryProfile ? sourceSchema.safeParse(credentials) : undefined
    const given = Object.keys(PLACEHOLDER).filter((name) => isTemporaryProfile && name in storage)
    for (const name of given) {
      context.addIssue({ code: 'custom', path: [name], message: 'must not be set beside credentials' })
    }
    for (const issue of checked.error?.issues ?? []) context.issues.push({ ...issue, input: undefined })
    for (const issue of source?.error?.issues ?? []) {
      context.issues.push({ ...issue, path: ['credentials', ...issue.path], input: undefined })
    }
    if (!checked.data || source?.error) return z.NEVER
    if (!source) return checked.data
    const { accessKey: _, secretKey: __, stsToken: ___, stsExpiration: ____, ...rest } = checked.data
    return { ...rest, credentials: source.data }
  })
  .refine(({ fileNamePrefix = [] }) => fileNamePrefix.join('/').length <= MAX_PREFIX_LENGTH, {
    error: `must have a fileNamePrefix of at most ${MAX_PREFIX_LENGTH} characters, because recording and attempt are added to it`,
  })
  .superRefine((profile, context) => {
    for (const name of WITHOUT_SPACE) {
      const value = name in profile ? profile[name as keyof typeof profile] : '-'
      if (!isCredential(String(value))) {
        context.addIssue({ code: 'custom', path: [name], message: CREDENTIAL_ERROR })
      }
    }
  })
