import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { Problem } from './problem.ts'

/**
 * Admits requests with one of the API keys (`Authorization: Bearer <key>`), and answers 401 to all others. If no
 * key is configured, the server listens on loopback only, and requests from this machine are admitted. The Host
 * header gives away a tunnel or a rebound host name (DNS rebinding), the Origin header a foreign web page in this
 * machine's browser (CSRF).
 */
export const requireApiKey = (keys: readonly string[]): MiddlewareHandler => {
  const known = keys.map(digest)
  return async (c, next) => {
    if (known.length === 0) {
      const host = c.req.header('host') ?? ''
      const origin = c.req.header('origin')
      if (!isLoopbackHost(host) || (origin !== undefined && origin !== `http://${host}`)) {
        throw new Problem(
          401,
          'No API key is configured, so only requests from this machine are allowed. To allow others, set STILLROLLING_API_KEYS.',
        )
      }
      return next()
    }
    const [, key] = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? []
    const given = key === undefined ? undefined : digest(key)
    // All keys are compared, so that the time taken does not reveal which one matched.
    if (given === undefined || !known.map((one) => timingSafeEqual(one, given)).includes(true)) {
      throw new Problem(
        401,
        'The API key is missing or wrong. Send one of the keys in STILLROLLING_API_KEYS as "Authorization: Bearer <key>".',
        {
          headers: { 'www-authenticate': 'Bearer' },
        },
      )
    }
    return next()
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

const isLoopbackHost = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host)
