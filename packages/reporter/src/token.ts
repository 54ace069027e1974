import { createHmac, timingSafeEqual } from 'node:crypto'
import { TOKEN_PARAMETER } from '@stillrolling/probe/types'
import { FORMER_ID_PATTERN, ID_PATTERN } from './standbyId.ts'

/** The attempt that a token admits reports of. */
export interface AttemptId {
  recordingId: string
  attempt: number
  /**
   * Tells the attempt from one with the same number in an earlier life of the recording's id. Null if an earlier version
   * made the attempt.
   */
  nonce: string | null
}

/**
 * Signs the token that a recorded page sends in its reports: `v1.<recording>-<attempt>-<nonce>.<HMAC-SHA256, base64url>`,
 * or `v1f.…` for a fenced page, which calls `notifyReady()` only after the reporter has confirmed its attempt. The store
 * is not needed to verify the signature. Anyone who sees the page's URL has the token, so it admits one attempt's reports
 * and nothing else.
 */
export const signToken = (
  { recordingId, attempt, nonce }: AttemptId,
  secret: string,
  options: { fence?: boolean } = {},
): string => {
  if (nonce === null && !FORMER_ID.test(recordingId)) throw new Error('Tokens of such an id need a nonce')
  const version = options.fence ? 'v1f' : 'v1'
  const id = `${recordingId}-${attempt}${nonce === null ? '' : `-${nonce}`}`
  return `${version}.${id}.${digest(version, id, secret).toString('base64url')}`
}

const ATTEMPT_PATTERN = String.raw`(?<attempt>[1-9]\d{0,8})`
const NONCE_PATTERN = '(?<nonce>[a-z0-9]{1,16})'

/**
 * `v1.<recording>-<attempt>-<nonce>.<signature>`, or `v1f.…`. Earlier versions signed no nonce, and their ids had no `-`, so a
 * text names one attempt only.
 */
const PATTERN = String.raw`(?<version>v1f?)\.(?<id>(?<recordingId>${ID_PATTERN})-${ATTEMPT_PATTERN}-${NONCE_PATTERN}|(?<recordingId>${FORMER_ID_PATTERN})-${ATTEMPT_PATTERN})\.(?<signature>[A-Za-z0-9_-]{43})`
const FORMER_ID = new RegExp(`^${FORMER_ID_PATTERN}$`)
const TOKEN = new RegExp(`^${PATTERN}$`)
/** Tokens in a text. */
export const TOKENS: RegExp = new RegExp(`\\b${PATTERN}`, 'g')

interface ParsedToken extends AttemptId {
  version: string
  /** What was signed. */
  id: string
  signature: string
}

const parseToken = (token: string): ParsedToken | undefined => {
  const groups = TOKEN.exec(token)?.groups
  if (!groups) return undefined
  const { version = '', id = '', recordingId = '', attempt, nonce = null, signature = '' } = groups
  return { version, id, recordingId, attempt: Number(attempt), nonce, signature }
}

/** The attempt that a token names, whoever made it. Undefined if it is not a token. */
export const claimedAttempt = (token: string): AttemptId | undefined => {
  const parsed = parseToken(token)
  return parsed && attemptIdOf(parsed)
}

/** The attempt that a token was signed for; undefined if it is damaged or was not signed with one of the secrets. */
export const verifyToken = (token: string, secrets: readonly string[]): AttemptId | undefined => {
  const parsed = parseToken(token)
  if (!parsed) return undefined
  const { version, id, signature } = parsed
  const given = Buffer.from(signature, 'base64url')
  const matches = secrets.map((secret) => timingSafeEqual(digest(version, id, secret), given))
  return matches.includes(true) ? attemptIdOf(parsed) : undefined
}

const attemptIdOf = ({ recordingId, attempt, nonce }: ParsedToken): AttemptId => ({
  recordingId,
  attempt,
  nonce,
})

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
