import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'

/**
 * Whether a program on this machine made the request. Headers give away those that others made: Host a tunnel or a rebound host
 * name (DNS rebinding), Origin a foreign web page in this machine's browser (CSRF), and headers of proxies a proxy on this
 * machine. The server must listen on loopback only.
 */
export const isFromThisMachine = (c: Context): boolean => {
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
