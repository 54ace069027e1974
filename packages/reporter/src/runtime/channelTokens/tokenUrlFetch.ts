import { isInReach, mayBeInReach, type TokenUrlReach } from '../../tokenUrlReach.ts'
import { createCheckedLookup } from '../checkedLookup.ts'
import { FetchTextError } from '../fetchText.ts'
import type { Resolve } from '../sharedLookups.ts'

const REFUSED =
  'the address is not on the public internet, so nothing was sent. TOKEN_URL_ALLOW_PRIVATE=true allows those of private networks'

class AddressError extends Error {}

/** A `fetch` for the `tokenUrl` of channels, which whoever has an API key names: it reaches no address out of `reach`. */
export const createTokenUrlFetch = (reach: TokenUrlReach, resolve?: Resolve): typeof fetch => {
  const lookup = createCheckedLookup({
    isAllowed: (address) => isInReach(address, reach),
    refusal: () => new AddressError(),
    resolve,
  })
  const prepare = async () => {
    const undici = await import('undici')
    return { undici, dispatcher: new undici.Agent({ connect: { lookup } }) }
  }
  let prepared: ReturnType<typeof prepare> | undefined
  const send = async (url: string, init?: object): Promise<unknown> => {
    if (!mayBeInReach(url, reach)) throw new FetchTextError(REFUSED)
    prepared ??= prepare()
    const { undici, dispatcher } = await prepared
    try {
      return await undici.fetch(url, { ...init, dispatcher })
    } catch (error) {
      if (error instanceof Error && error.cause instanceof AddressError) throw new FetchTextError(REFUSED)
      throw error
    }
  }
  return send as typeof fetch
}
