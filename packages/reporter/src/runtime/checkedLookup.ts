import type { LookupAddress } from 'node:dns'
import { type Resolve, resolveChosenName } from './sharedLookups.ts'

interface CheckedLookupOptions {
  isAllowed(address: string): boolean
  /** The error if no address of the name is allowed. */
  refusal(): NodeJS.ErrnoException
  resolve?: Resolve | undefined
}

type LookupDone = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void

/** The `lookup` of a connection. */
export type Lookup = (hostname: string, options: { all?: boolean | undefined }, done: LookupDone) => void

/**
 * A lookup that gives out only allowed addresses. The connection is made to the address that was checked, so that a second
 * lookup cannot lead elsewhere (DNS rebinding). It is not called for a host that is an address.
 */
export const createCheckedLookup =
  ({ isAllowed, refusal, resolve = resolveChosenName }: CheckedLookupOptions): Lookup =>
  (hostname, { all }, done) =>
    resolve(hostname, (error, addresses) => {
      if (error) return done(error, [])
      const usable = addresses.filter(({ address }) => isAllowed(address))
      const [first] = usable
      if (!first) return done(refusal(), [])
      return all ? done(null, usable) : done(null, first.address, first.family)
    })
