import { createHash, timingSafeEqual } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import type { Context, MiddlewareHandler } from 'hono'
import { Problem } from './problem.ts'

/**
 * Admits requests with one of the API keys (`Authorization: Bearer <key>`), and answers 401 to all others. If no
 * key is configured, the server listens on loopback only, and requests from this machine are admitted. Headers give away
 * those that others made: Host a tunnel or a rebound host name (DNS rebinding), Origin a foreign web page in this machine's
 * browser (CSRF), and headers of proxies a proxy on this machine.
 */
export const requireApiKey = (keys: readonly string[]): MiddlewareHandler => {
  const known = keys.map(digest)
  return async (c, next) => {
    if (known.length === 0) {
      if (!isFromThisMachine(c)) {
        throw new Problem(
          'invalid_api_key',
          'No API key is configured, so only requests that this machine makes itself, without a proxy, are allowed. To allow others, set STILLROLLING_API_KEYS.',
        )
      }
      return next()
    }
    const [, key] = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? []
    const given = key === undefined ? undefined : digest(key)
    // All keys are compared, so that the time taken does not reveal which one matched.
    if (given === undefined || !known.map((one) => timingSafeEqual(one, given)).includes(true)) {
      throw new Problem(
        'invalid_api_key',
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

const isFromThisMachine = (c: Context): boolean => {
  const host = c.req.header('host') ?? ''
  const origin = c.req.header('origin')
  const isSameOrigin = origin === undefined || origin === `http://${host}`
  return isLoopbackHost(host) && isSameOrigin && !isForwarded(c)
}

/** Headers that proxies and content delivery networks add (RFC 7239, RFC 9110 section 7.6.3, and the usual ones before them). */
const OF_PROXIES =
  /^(forwarded|via|x-forwarded(-.*)?|x-real-ip|x-original-.*|(x-|true-|x-cluster-|fastly-)client-ip|cf-.*|cdn-loop|x-amzn-trace-id|x-cloud-trace-context|x-envoy-.*|x-arr-.*|x-azure-.*)$/

/** nginx adds no header by default, but speaks HTTP/1.0 to the server behind it. */
const isForwarded = (c: Context): boolean => {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>
  return (
    incoming?.httpVersion === '1.0' || [...c.req.raw.headers.keys()].some((name) => OF_PROXIES.test(name))
  )
}

const isLoopbackHost = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host)
