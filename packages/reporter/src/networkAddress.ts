import { BlockList, isIP } from 'node:net'

const listOf = (...subnets: [address: string, prefix: number][]): BlockList => {
  const list = new BlockList()
  for (const [address, prefix] of subnets)
    list.addSubnet(address, prefix, address.includes(':') ? 'ipv6' : 'ipv4')
  return list
}

const LOOPBACK = listOf(['127.0.0.0', 8], ['::1', 128])

/** Not routed on the internet (RFC 6890): unspecified, private, shared, link-local. */
const LOCAL = listOf(
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['::', 128],
  ['fc00::', 7],
  ['fe80::', 10],
)

/** Names that exist in one network only (RFC 6762, RFC 8375, and reserved by ICANN); one without a dot does as well. */
const LOCAL_NAME = /^[^.]+$|\.(local|internal|home\.arpa)$/

const isIn = (list: BlockList, address: string): boolean =>
  isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** The host of a URL as other functions know it: an IPv6 address is in brackets there. */
export const withoutBrackets = (host: string): string => host.replace(/^\[(.*)\]$/, '$1').toLowerCase()

/** Whether only this machine can reach the host, a name or an address. An IPv6 address may be in brackets. */
export const isLoopback = (host: string): boolean => {
  const name = withoutBrackets(host)
  return isIn(LOOPBACK, name) || /(^|\.)localhost$/.test(name)
}

/** Whether the host, a name or an address, cannot be reached over the internet. */
export const isLocal = (host: string): boolean => {
  const name = withoutBrackets(host)
  return isLoopback(name) || isIn(LOCAL, name) || (isIP(name) === 0 && LOCAL_NAME.test(name))
}
