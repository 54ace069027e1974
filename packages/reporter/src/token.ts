import { createHmac, timingSafeEqual } from 'node:crypto'
import { TOKEN_PARAMETER } from '@stillrolling/probe/types'

/** Which page may speak for which attempt. */
export interface AttemptId {
  recordingId: string
  attempt: number
}

/**
 * The token that a recorded page reports with: `v1.<recording>-<attempt>.<HMAC-SHA256, base64url>`, or `v1f.…` for a
 * page that must not say that it is ready before the reporter has confirmed its attempt. It is checked without the
 * store. The page is open to whoever knows its URL, so the token is worth one attempt's reports and nothing else.
 */
export const signToken = ({ recordingId, attempt }: AttemptId, secret: string, fence = false): string => {
  const version = fence ? 'v1f' : 'v1'
  const id = `${recordingId}-${attempt}`
  return `${version}.${id}.${digest(version, id, secret).toString('base64url')}`
}

/** The attempt a token was signed for; undefined when it is forged, damaged, or signed by no known key. */
export const verifyToken = (token: string, secrets: readonly string[]): AttemptId | undefined => {
  const match = /^(v1f?)\.([A-Za-z0-9]{1,64})-([1-9]\d{0,8})\.([A-Za-z0-9_-]{43})$/.exec(token)
  const [, version, recordingId, attempt, signature] = match ?? []
  if (version === undefined || recordingId === undefined || attempt === undefined || signature === undefined)
    return undefined
  const given = Buffer.from(signature, 'base64url')
  const id = `${recordingId}-${attempt}`
  const matches = secrets.map((secret) => timingSafeEqual(digest(version, id, secret), given))
  return matches.includes(true) ? { recordingId, attempt: Number(attempt) } : undefined
}

/**
 * The page's address as Agora gets it. The query that is there stays as it is written: URLSearchParams would
 * write all of it anew (`%20` as `+`), and break addresses that are signed.
 */
export const withToken = (url: string, token: string): string => {
  const address = new URL(url)
  address.search = `${address.search === '' ? '?' : `${address.search}&`}${TOKEN_PARAMETER}=${token}`
  return address.href
}

/** Both versions are under the same keys, and neither's digest is good for the other. */
const digest = (version: string, id: string, secret: string): Buffer =>
  createHmac('sha256', secret)
    .update(`stillrolling attempt ${version === 'v1' ? id : `${version}.${id}`}`)
    .digest()
