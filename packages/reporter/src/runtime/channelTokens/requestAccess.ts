import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { ChannelKeys } from '../../channelRequest.ts'
import { isCredential } from '../../configValues.ts'
import { fieldErrors, listFieldErrors } from '../../fieldErrors.ts'
import { signatureHeaders } from '../../signatureHeaders.ts'
import { FetchTextError, fetchText } from '../fetchText.ts'
import { type ChannelAccess, type Joining, MAX_TOKEN_LIFETIME, TokenError } from './channelAccess.ts'

interface AccessRequest {
  tokenUrl: string
  joining: Joining
  /** The keys that the channel's encryption needs. */
  needed: readonly (keyof ChannelKeys)[]
  /** Each makes a signature. */
  secrets: readonly string[]
  /** Unix time in milliseconds. */
  now: number
  fetch: typeof fetch
}

/** Seconds: an attempt is replaced before its token expires. */
const MIN_TOKEN_LIFETIME = 3600

const answerSchema = z.object({
  token: z
    .string()
    .max(4096)
    .refine(isCredential, { error: 'must be printable ASCII without white space' })
    .optional(),
  expiresIn: z
    .number()
    .min(MIN_TOKEN_LIFETIME, { error: `must be at least ${MIN_TOKEN_LIFETIME} s` })
    .default(MAX_TOKEN_LIFETIME),
  secret: z.string().min(1).max(1024).optional(),
  salt: z
    .string()
    .regex(/^[A-Za-z0-9+/]{43}=$/, { error: 'must be the base64 of 32 bytes' })
    .optional(),
})

/**
 * Asks a request's `tokenUrl` for what an attempt joins its channel by. The request is signed as Standard Webhooks says.
 * @throws {TokenError}
 */
export const requestAccess = async (request: AccessRequest): Promise<ChannelAccess> => {
  try {
    const { tokenUrl, joining, fetch } = request
    const body = JSON.stringify(joining)
    const headers = { 'content-type': 'application/json', ...signedHeaders(body, request) }
    return parse(await fetchText(fetch, tokenUrl, { method: 'POST', headers, body }), request)
  } catch (error) {
    throw error instanceof FetchTextError ? new TokenError(error.message) : error
  }
}

const signedHeaders = (
  body: string,
  { secrets, now }: Pick<AccessRequest, 'secrets' | 'now'>,
): Record<string, string> => {
  if (secrets.length === 0) throw new TokenError('requests cannot be signed: TOKEN_URL_SECRET is not set')
  return signatureHeaders({ id: `msg_${randomUUID()}`, seconds: Math.floor(now / 1000), body }, secrets)
}

const parse = (body: string, { needed }: Pick<AccessRequest, 'needed'>): ChannelAccess => {
  const { data, error } = answerSchema.safeParse(parseJson(body))
  // No message quotes a value.
  if (!data) throw new TokenError(`the answer is wrong: ${listFieldErrors(fieldErrors(error))}`)
  const missing = needed.filter((name) => data[name] === undefined)
  if (missing.length > 0) throw new TokenError(`the answer has no ${missing.join(' and no ')}`)
  const { token, expiresIn } = data
  if (token === undefined && needed.length === 0) throw new TokenError('the answer has no token')
  const keys = Object.fromEntries(needed.map((name) => [name, data[name]]))
  return {
    ...(token !== undefined && { token, validFor: Math.min(expiresIn, MAX_TOKEN_LIFETIME) }),
    ...keys,
  }
}

const parseJson = (body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch {
    // The parser's message would quote a secret.
    throw new TokenError('the answer is not JSON')
  }
}
