import { isIP } from 'node:net'
import { isLoopback, withoutBrackets } from './networkAddress.ts'
import { isPrivateAddress, isPublicAddress } from './publicAddress.ts'

/** Which addresses a `tokenUrl` may have: on the internet; also on this machine; also in private networks. */
export type TokenUrlReach = 'public' | 'loopback' | 'private'

/** Whether a request may go to this address. Link-local and reserved ones, and those of metadata, are never asked. */
export const isInReach = (address: string, reach: TokenUrlReach): boolean => {
  if (isPublicAddress(address)) return true
  if (!isPrivateAddress(address)) return false
  return reach === 'private' || (reach === 'loopback' && isLoopback(address))
}

/** The same of a URL whose host is an address. A name is looked up, and its addresses are checked, when it is asked. */
export const mayBeInReach = (url: string, reach: TokenUrlReach): boolean => {
  const host = withoutBrackets(new URL(url).hostname)
  return isIP(host) === 0 || isInReach(host, reach)
}
