import { createHash, randomBytes } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { type RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

/** @returns seconds until the next one is taken, if this one is not */
export const take = async (limiter: RateLimiterMemory, key: string): Promise<number | undefined> => {
  try {
    await limiter.consume(key)
    return undefined
  } catch (excess) {
    if (excess instanceof RateLimiterRes) return Math.max(1, Math.ceil(excess.msBeforeNext / 1000))
    throw excess
  }
}

/** Addresses are counted in so many counters, so that a stranger with many of them cannot fill the memory. */
const ADDRESS_COUNTERS = 16_384

/** A random salt keeps strangers from choosing addresses that share the counter of another. */
export const createCounterOf = (): ((address: string) => string) => {
  const salt = randomBytes(16)
  return (address) => {
    const hash = createHash('sha256').update(salt).update(networkOf(address)).digest()
    return String(hash.readUInt32BE() % ADDRESS_COUNTERS)
  }
}

/** A client usually has a whole /64 of IPv6 (RFC 6177). */
const networkOf = (address: string): string => {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const after = tail ? tail.split(':') : []
  const zeros = tail === undefined ? 0 : 8 - groups.length - after.length
  const all = [...groups, ...Array<string>(Math.max(zeros, 0)).fill('0'), ...after]
  return all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16))
    .join(':')
}
