import { createHmac, timingSafeEqual } from 'node:crypto'
import { TOKEN_PARAMETER } from '@stillrolling/probe/types'

/** The attempt that a token admits reports of. */
export interface AttemptId {
  recordingId: string
  attempt: number
}

/**
 * Signs the token that a recorded page sends in its reports: `v1.<recording>-<attempt>.<HMAC-SHA256, base64url>`, or
 * `v1f.…` for a fenced page, which calls `notifyReady()` only after the reporter has confirmed its attempt. The store
 * is not needed to verify it. Anyone who sees the page's URL has the token, so it admits one attempt's reports and
 * nothing else.
 */
export const signToken = (
  { recordingId, attempt }: AttemptId,
  secret: string,
  options: { fence?: boolean } = {},
): string => {
  const version = options.fence ? 'v1f' : 'v1'
  const id = `${recordingId}-${attempt}`
  return `${version}.${id}.${digest(version, id, secret).toString('base64url')}`
}

/** `v1.<recording>-<attempt>.<signature>`, or `v1f.…`. */
const TOKEN = /^(v1f?)\.([A-Za-z0-9]{1,64})-([1-9]\d{0,8})\.([A-Za-z0-9_-]{43})$/

/** The attempt that a token names, whoever made it. Undefined if it is not a token. */
export const claimedAttempt = (token: string): AttemptId | undefined => {
  const [, , recordingId, attempt] = TOKEN.exec(token) ?? []
  return recordingId === undefined ? undefined : { recordingId, attempt: Number(attempt) }
}

/** The attempt that a token was signed for; undefined if it is damaged or was not signed with one of the secrets. */
export const verifyToken = (token: string, secrets: readonly string[]): AttemptId | undefined => {
  const [, version, recordingId, attempt, signature] = TOKEN.exec(token) ?? []
  if (version === undefined || recordingId === undefined || attempt === undefined || signature === undefined)
    return undefined
  const given = Buffer.from(signature, 'base64url')
  const id = `${recordingId}-${attempt}`
  const matches = secrets.map((secret) => timingSafeEqual(digest(version, id, secret), given))
  return matches.includes(true) ? { recordingId, attempt: Number(attempt) } : undefined
}

/**
 * The URL that Agora opens: the page's, with the token as a query parameter. The existing query stays byte for byte,
 * because URLSearchParams would encode it anew (`%20` as `+`) and break signed URLs.
 */
export const withToken = (url: string, token: string): string => {
  const address = new URL(url)
  address.search = `${address.search === '' ? '?' : `${address.search}&`}${TOKEN_PARAMETER}=${token}`
  return address.href
}

/** The version is part of what is signed, so that a digest for one version does not verify for the other. */
const digest = (version: string, id: string, secret: string): Buffer =>
  createHmac('sha256', secret)
    .update(`stillrolling attempt ${version === 'v1' ? id : `${version}.${id}`}`)
    .digest()
