import { BlockList, isIP } from 'node:net'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'

/** Returns the address from which a request comes, or undefined if it did not come over a connection. */
export type ClientAddress = (c: Context) => string | undefined

/**
 * Finds the address of the client behind the proxies that are trusted. Anyone can send `X-Forwarded-For`, so it is read
 * from its end, where the nearest proxy has added the address that it saw, and only as far as trusted proxies wrote it.
 * @param trusted addresses and subnets (`10.0.0.0/8`)
 */
export const createClientAddress = (trusted: readonly string[]): ClientAddress => {
  const proxies = new BlockList()
  for (const each of trusted) {
    const { address, family, prefix } = parseSubnet(each)
    proxies.addSubnet(address, prefix, family)
  }
  const isProxy = (address: string): boolean => proxies.check(address, familyOf(address))
  return (c) => {
    const { incoming } = (c.env ?? {}) as Partial<HttpBindings>
    const forwarded = (c.req.header('x-forwarded-for') ?? '').split(',').reverse()
    const hops = [incoming?.socket.remoteAddress ?? '', ...forwarded].map(plain)
    // Only a trusted proxy has written the next one, and where it wrote none, it is the last that is known.
    const last = hops.findIndex((hop, index) => hop === undefined || !isProxy(hop) || !hops[index + 1])
    return hops[last]
  }
}

/** Whether it is an address or a subnet. */
export const isSubnet = (text: string): boolean => {
  const [address = '', prefix, ...rest] = text.split('/')
  const bits = isIP(address) === 4 ? 32 : 128
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits)
  return isIP(address) !== 0 && !address.includes('%') && isPrefix && rest.length === 0
}

const parseSubnet = (text: string): { address: string; family: 'ipv4' | 'ipv6'; prefix: number } => {
  const [address = '', prefix] = text.split('/')
  const family = familyOf(address)
  return { address, family, prefix: prefix === undefined ? (family === 'ipv4' ? 32 : 128) : Number(prefix) }
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

/**
 * The address without what some proxies add: a port, brackets, a zone. A socket that listens on `::` has IPv4 addresses in
 * IPv6 form. Undefined if it is none.
 */
const plain = (text: string): string | undefined => {
  const trimmed = text.trim()
  const [, inBrackets] = /^\[([^\]]*)\](?::\d+)?$/.exec(trimmed) ?? []
  const [, beforePort] = /^(\d+(?:\.\d+){3}):\d+$/.exec(trimmed) ?? []
  const address = (inBrackets ?? beforePort ?? trimmed).replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '')
  return isIP(address) === 0 ? undefined : address
}
