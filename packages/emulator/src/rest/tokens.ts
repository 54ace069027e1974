/// <reference path="./agoraToken.d.ts" />
import agoraToken from 'agora-token/src/AccessToken2.js'
import type { EmulatorClock } from '../types.ts'
import type { Identity } from './requests/common.ts'

/** A token that the task may use; `expiresAt` in ms since the epoch, null if tokens are not checked. */
export interface CheckedToken {
  ok: true
  expiresAt: number | null
}

/** 109: the token has expired. 110: it is not valid for this recorder. */
export interface RefusedToken {
  ok: false
  code: 109 | 110
  detail: string
}

export type CheckToken = (token: string | undefined, recorder: Identity) => CheckedToken | RefusedToken

/** A token for it is for every channel, or for every uid. */
const ANY_CHANNEL = '*'
const ANY_UID = ''

const invalid = (detail: string): RefusedToken => ({ ok: false, code: 110, detail })

const { AccessToken2, kRtcServiceType, ServiceRtc } = agoraToken

/** App IDs and certificates are 32 hexadecimal digits; other ones cannot be in a token. */
export const isTokenId = (text: string): boolean => /^[0-9a-f]{32}$/i.test(text)

/** Why the token is not one for this recorder; null if it is. */
const refuse = (
  token: InstanceType<typeof AccessToken2>,
  { appId, appCertificate }: { appId: string; appCertificate: string },
  { cname, uid }: Identity,
): string | null => {
  if (token.appId.toString() !== appId) return 'the token is for another App ID'
  if (!token.verifySignature(appCertificate)) return 'the token is signed with another App Certificate'
  const service = token.getServices(kRtcServiceType)[0]
  if (!service) return 'the token is not an RTC token'
  const channel = service.__channel_name.toString()
  const account = service.__uid.toString()
  if (channel !== cname && channel !== ANY_CHANNEL) return `the token is for another channel than "${cname}"`
  if (account !== uid && account !== ANY_UID) return `the token is for another uid than ${uid}`
  return service.__privileges[ServiceRtc.kPrivilegeJoinChannel] === undefined
    ? 'the token does not allow to join the channel'
    : null
}

/** In seconds. The privilege to join may end before the token; 0 means that it does not. */
const lifetimeOf = (token: InstanceType<typeof AccessToken2>): number => {
  const privilege = token.getServices(kRtcServiceType)[0]?.__privileges[ServiceRtc.kPrivilegeJoinChannel]
  return privilege ? Math.min(privilege, token.expire) : token.expire
}

export interface TokenSettings {
  appId: string
  /** Undefined: tokens are not checked. */
  appCertificate: string | undefined
  clock: EmulatorClock
}

/**
 * Creates the check of the RTC tokens with which recorders join channels: those of version 007, which Agora's `agora-token`
 * builds.
 *
 * @throws {TypeError} if the App ID or the certificate cannot be in a token
 */
export const createTokenCheck = ({ appId, appCertificate, clock }: TokenSettings): CheckToken => {
  if (appCertificate === undefined) return () => ({ ok: true, expiresAt: null })
  if (!isTokenId(appId) || !isTokenId(appCertificate)) {
    throw new TypeError('appId and appCertificate must have 32 hexadecimal digits each')
  }
  return (text, recorder) => {
    if (!text) return invalid('the App ID has a certificate, so clientRequest.token is required')
    const token = new AccessToken2('', '', 0, 0)
    if (!token.from_string(text)) return invalid('the token cannot be read: it is not one of version 007')
    const reason = refuse(token, { appId, appCertificate }, recorder)
    if (reason !== null) return invalid(reason)
    const expiresAt = (token.issueTs + lifetimeOf(token)) * 1000
    return expiresAt <= clock.now()
      ? { ok: false, code: 109, detail: `the token has expired at ${new Date(expiresAt).toISOString()}` }
      : { ok: true, expiresAt }
  }
}
