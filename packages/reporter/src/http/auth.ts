import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { Problem } from './errors.ts'

/**
 * Only holders of an API key may pass, as `Authorization: Bearer <key>`. Without a configured key only this
 * machine may: the server is bound to loopback then. A request that came in through a tunnel or by a rebound
 * host name is told by its Host header, one that a web page of others had this machine's browser send by its
 * Origin.
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
          'No API key is configured, so only this machine may call this. Set STILLROLLING_API_KEYS.',
        )
      }
      return next()
    }
    const [, key] = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? []
    const given = key === undefined ? undefined : digest(key)
    // All keys are compared, so the time does not tell which one nearly matched.
    if (given === undefined || !known.map((one) => timingSafeEqual(one, given)).includes(true)) {
      throw new Problem(401, 'Send one of STILLROLLING_API_KEYS as "Authorization: Bearer <key>"', {
        headers: { 'www-authenticate': 'Bearer' },
      })
    }
    return next()
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

const isLoopbackHost = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host)
