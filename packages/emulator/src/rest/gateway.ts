import { createHash, timingSafeEqual } from 'node:crypto'
import type { EmulatorClock } from '../types.ts'
import { ANSWERS, type Answer } from './answers.ts'

export interface GatewayOptions {
  clock: EmulatorClock
  appId: string
  customerId: string
  customerSecret: string
  /** Requests per second; null for no limit. */
  qps: number | null
}

export interface GatewayRequest {
  authorization: string | undefined
  /** The App ID in the path; null for a route without one. */
  appId: string | null
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/**
 * Creates the check that precedes every call: credentials, quota, App ID. It returns the answer of a refusal, or null
 * if the request may pass.
 */
export const createGateway = (options: GatewayOptions): ((request: GatewayRequest) => Answer | null) => {
  const { clock, qps } = options
  const expected = digest(`${options.customerId}:${options.customerSecret}`)
  /** Arrival times of the requests of the last second. */
  let recent: number[] = []

  const isAuthorized = (authorization: string): boolean => {
    const encoded = /^Basic +(\S+)$/i.exec(authorization)?.[1]
    if (encoded === undefined) return false
    return timingSafeEqual(digest(Buffer.from(encoded, 'base64').toString()), expected)
  }

  const isOverQuota = (): boolean => {
    if (qps === null) return false
    const now = clock.now()
    recent = recent.filter((at) => at > now - 1000)
    if (recent.length >= qps) return true
    recent.push(now)
    return false
  }

  return ({ authorization, appId }) => {
    if (!authorization) return ANSWERS.unauthorized
    if (!isAuthorized(authorization)) return ANSWERS.wrongCredentials
    if (isOverQuota()) return ANSWERS.tooManyRequests
    if (appId !== null && appId !== options.appId) return ANSWERS.wrongAppId
    return null
  }
}
