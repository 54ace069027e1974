import { BlockList, isIP } from 'node:net'

/**
 * Ranges that are not on the public internet, or stand for other addresses (IANA's special-purpose registries, RFC 6890).
 * Cloud providers serve their machines' credentials (metadata) at some of them.
 */
const NOT_PUBLIC: readonly [address: string, prefix: number, what: string][] = [
  ['0.0.0.0', 8, 'this network'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'shared by carriers (CGNAT); metadata of Alibaba Cloud'],
  ['127.0.0.0', 8, 'this machine'],
  ['168.63.129.16', 32, 'metadata of Azure'],
  ['169.254.0.0', 16, 'link-local; metadata of most clouds'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'protocol assignments; metadata of Oracle Cloud'],
  ['192.0.2.0', 24, 'documentation'],
  ['192.31.196.0', 24, 'AS112'],
  ['192.52.193.0', 24, 'AMT'],
  ['192.88.99.0', 24, '6to4 relays'],
  ['192.168.0.0', 16, 'private'],
  ['192.175.48.0', 24, 'AS112'],
  ['198.18.0.0', 15, 'benchmarks'],
  ['198.51.100.0', 24, 'documentation'],
  ['203.0.113.0', 24, 'documentation'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved, broadcast'],
  ['2001::', 23, 'protocol assignments, Teredo, ORCHID'],
  ['2001:db8::', 32, 'documentation'],
  ['2002::', 16, '6to4: contains any IPv4 address'],
  ['2620:4f:8000::', 48, 'AS112'],
  ['3fff::', 20, 'documentation'],
]

const refused = new BlockList()
for (const [address, prefix] of NOT_PUBLIC) {
  refused.addSubnet(address, prefix, address.includes(':') ? 'ipv6' : 'ipv4')
}

/** Where an operator may have servers of its own: private, shared by carriers, this machine. */
const ownNetworks = new BlockList()
for (const [address, prefix] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  ownNetworks.addSubnet(address, prefix, 'ipv4')
}
ownNetworks.addSubnet('fc00::', 7, 'ipv6')
ownNetworks.addAddress('::1', 'ipv6')

/** Metadata of Alibaba Cloud, AWS and Google Cloud, inside of them. */
const metadata = new BlockList()
metadata.addAddress('100.100.100.200', 'ipv4')
metadata.addAddress('fd00:ec2::254', 'ipv6')
metadata.addAddress('fd20:ce::254', 'ipv6')

/** All that is assigned for the internet; loopback, private, link-local and mapped addresses are outside of it. */
const globalUnicast = new BlockList()
globalUnicast.addSubnet('2000::', 3, 'ipv6')

/** How a network without IPv4 reaches IPv4 addresses: the last 32 bits are one (RFC 6052). */
const translated = new BlockList()
translated.addSubnet('64:ff9b::', 96, 'ipv6')

/**
 * Whether an address is on the public internet.
 * @returns undefined if the text is no address
 */
export const isPublicAddress = (text: string): boolean | undefined => {
  const address = text.replace(/%.*$/, '')
  const family = isIP(address)
  if (family === 0) return undefined
  if (family === 4) return !refused.check(address, 'ipv4')
  if (translated.check(address, 'ipv6')) return isPublicAddress(lastFourBytes(address))
  return globalUnicast.check(address, 'ipv6') && !refused.check(address, 'ipv6')
}

/** The URL parser writes an IPv6 address in its shortest form, without dots. */
const lastFourBytes = (address: string): string => {
  const { hostname } = new URL(`http://[${address}]`)
  const [high = '', low = ''] = hostname.slice(1, -1).split('::').at(-1)?.split(':').slice(-2) ?? []
  const [one, other] = low === '' ? ['0', high] : [high, low]
  const bits = Number.parseInt(one || '0', 16) * 65_536 + Number.parseInt(other || '0', 16)
  return [24, 16, 8, 0].map((shift) => Math.floor(bits / 2 ** shift) % 256).join('.')
}

/** Whether an address is of this machine or a private network, and no cloud provider serves credentials at it. */
export const isPrivateAddress = (text: string): boolean => {
  const address = text.replace(/%.*$/, '')
  const family = isIP(address)
  if (family === 0) return false
  const type = family === 4 ? 'ipv4' : 'ipv6'
  return ownNetworks.check(address, type) && !metadata.check(address, type)
}
