import type { Logger } from 'pino'
import type { Clock } from '../../runtime/clock.ts'
import type { Store } from '../../store/store.ts'
import type { ApiKey } from '../../store/types.ts'

/** The stored API keys, as requests are checked against them. */
export interface KeyRing {
  /**
   * The key whose secret has this hash; undefined if there is none that is accepted. Notes that it is used.
   * @param hash SHA-256 in hexadecimal digits
   */
  find(hash: string): Promise<ApiKey | undefined>
  /** Whether any key is accepted. */
  hasKeys(): Promise<boolean>
  /** To be called after keys were made or revoked: what is known of them is read again. */
  changed(): void
}

/** For so long a key that another process has revoked is still accepted. */
const CACHE_MS = 5000
/** Keys that are known at a time. Wrong ones are not kept. */
const CACHE_SIZE = 1000
/** Between two writes of a key's last use. */
const USE_INTERVAL_MS = 60_000

interface Cached {
  key: ApiKey
  /** Monotonic. */
  until: number
}

export const createKeyRing = (options: {
  store: Pick<Store, 'findApiKey' | 'readApiKeys' | 'markApiKeyUsed'>
  clock: Clock
  log: Pick<Logger, 'warn'>
}): KeyRing => {
  const { store, clock, log } = options
  let cached = new Map<string, Cached>()
  let hasAny = false
  /** When the use of a key was last written, by id. Monotonic. */
  const written = new Map<string, number>()

  const load = async (hash: string): Promise<ApiKey | undefined> => {
    const known = cached.get(hash)
    if (known && clock.elapsed() < known.until) return known.key
    // Of these, `changed` forgets what was read before the change.
    const cache = cached
    const key = await store.findApiKey(hash)
    cache.delete(hash)
    if (!key || key.revokedAt !== null) return undefined
    const [oldest] = cache.keys()
    if (oldest !== undefined && cache.size >= CACHE_SIZE) cache.delete(oldest)
    cache.set(hash, { key, until: clock.elapsed() + CACHE_MS })
    return key
  }

  /** The request does not wait for it. */
  const noteUse = ({ id }: ApiKey): void => {
    const now = clock.elapsed()
    if (now - (written.get(id) ?? Number.NEGATIVE_INFINITY) < USE_INTERVAL_MS) return
    written.set(id, now)
    store.markApiKeyUsed(id, clock.now()).catch((err: unknown) => {
      log.warn({ err, keyId: id }, 'The last use of an API key could not be stored')
    })
  }

  return {
    find: async (hash) => {
      const key = await load(hash)
      if (key) noteUse(key)
      return key
    },
    hasKeys: async () => {
      hasAny ||= (await store.readApiKeys()).some(({ revokedAt }) => revokedAt === null)
      return hasAny
    },
    changed: () => {
      cached = new Map()
      hasAny = false
    },
  }
}
