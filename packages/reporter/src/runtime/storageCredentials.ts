import type { StorageConfig, StsCredentials } from '@stillrolling/rest-core'
import { z } from 'zod'
import { fieldErrors, listFieldErrors } from '../fieldErrors.ts'
import { type CredentialsSource, isTemporary, profileOf, type StorageProfiles } from '../storageProfile.ts'
import type { Acceptance } from './acceptance.ts'
import type { Clock } from './clock.ts'
import { FetchTextError, fetchText } from './fetchText.ts'

/** The storage of each profile, complete with credentials. */
export interface StorageCredentials {
  /**
   * What a start sends. The credentials of a temporary profile were fetched within the last five minutes.
   * @returns undefined if there is no such profile
   * @throws {CredentialsError}
   */
  storageOf(profile: string): Promise<StorageConfig | undefined>
  /**
   * Fresh credentials of a temporary profile.
   * @throws {CredentialsError}
   */
  refresh(profile: string): Promise<StsCredentials>
}

/** No usable credentials came from the profile's address. The message has nothing that came from there. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError'
}

export interface StorageCredentialsOptions {
  profiles: StorageProfiles
  clock: Clock
  acceptance: Pick<Acceptance, 'accepted' | 'refused'>
  fetch?: typeof fetch
}

/** For this time many starts and refreshes share the same credentials, in milliseconds. */
const REUSE_MS = 300_000
/** Agora takes temporary credentials only if they are valid for at least another 4 hours, in seconds. */
const MIN_LIFETIME = 4 * 3600
/** In the year 5138. A time in milliseconds is larger since 1973. */
const MAX_UNIX_SECONDS = 100_000_000_000

const text = z.string().min(1).max(16_384)

/** Unknown fields are ignored: the address may serve others, too. */
const answerSchema: z.ZodType<StsCredentials> = z.object({
  accessKey: text,
  secretKey: text,
  stsToken: text,
  stsExpiration: z
    .int()
    .positive()
    .max(MAX_UNIX_SECONDS, { error: 'must be in Unix seconds; this is a time in milliseconds' }),
})

interface Fetched {
  credentials: StsCredentials
  /** Monotonic time. */
  at: number
}

export const createStorageCredentials = (options: StorageCredentialsOptions): StorageCredentials => {
  const { profiles, clock, acceptance, fetch = globalThis.fetch } = options
  const latest = new Map<string, Fetched>()
  const underWay = new Map<string, Promise<StsCredentials>>()

  const fetchNow = async (name: string, source: CredentialsSource): Promise<StsCredentials> => {
    try {
      const credentials = parse(await request(source, fetch), clock.now())
      latest.set(name, { credentials, at: clock.elapsed() })
      acceptance.accepted()
      return credentials
    } catch (error) {
      const why = error instanceof CredentialsError ? error.message : 'they could not be fetched'
      acceptance.refused(`profile "${name}": ${why}`)
      throw new CredentialsError(`Storage credentials of profile "${name}": ${why}`)
    } finally {
      underWay.delete(name)
    }
  }

  const refresh: StorageCredentials['refresh'] = async (name) => {
    const profile = profileOf(profiles, name)
    if (!profile || !isTemporary(profile))
      throw new CredentialsError(`Profile "${name}" has no credentials.url`)
    const known = latest.get(name)
    const isFresh = known !== undefined && clock.elapsed() - known.at < REUSE_MS
    if (isFresh && isLongEnough(known.credentials, clock.now())) return known.credentials
    const fetching = underWay.get(name) ?? fetchNow(name, profile.credentials)
    underWay.set(name, fetching)
    return fetching
  }

  return {
    refresh,
    storageOf: async (name) => {
      const profile = profileOf(profiles, name)
      if (!profile || !isTemporary(profile)) return profile
      const { credentials: _, ...storage } = profile
      return { ...storage, ...(await refresh(name)) }
    },
  }
}

const isLongEnough = ({ stsExpiration }: StsCredentials, now: number): boolean =>
  stsExpiration >= now / 1000 + MIN_LIFETIME

/** @returns the body */
const request = async ({ url, authorization }: CredentialsSource, send: typeof fetch): Promise<string> => {
  try {
    const headers = { accept: 'application/json', ...(authorization && { authorization }) }
    return await fetchText(send, url, { headers })
  } catch (error) {
    throw error instanceof FetchTextError ? new CredentialsError(error.message) : error
  }
}

const parse = (body: string, now: number): StsCredentials => {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    // The parser's message would quote a secret.
    throw new CredentialsError('the answer is not JSON')
  }
  const { data, error } = answerSchema.safeParse(value)
  if (!data) throw new CredentialsError(`of the answer, ${listFieldErrors(fieldErrors(error))}`)
  if (data.stsExpiration * 1000 <= now)
    throw new CredentialsError('they have expired already (stsExpiration)')
  if (isLongEnough(data, now)) return data
  throw new CredentialsError('they expire too soon: Agora takes them only if stsExpiration is 4 hours ahead')
}
