import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import type { KeyScope } from '../store/types.ts'
import type { ApiLimiter } from './apiLimits.ts'
import type { ClientAddress } from './clientAddress.ts'
import type { KeyRing } from './keys/keyRing.ts'
import { covers, scopeFor } from './keys/scopes.ts'
import { Problem } from './problem.ts'
import { isFromThisMachine } from './thisMachine.ts'

/** Whose request it is. */
export interface Caller {
  /** Of the key. */
  id: string
  /** For people: the key's. */
  name: string
  scope: KeyScope
}

export interface AuthOptions {
  configured: readonly string[]
  ring: KeyRing
  limiter: ApiLimiter
  clientAddress: ClientAddress
}

/** A key of the configuration, all of which have this name. */
const CONFIGURED = 'STILLROLLING_API_KEYS'
const THIS_MACHINE: Caller = { id: 'local', name: 'this machine', scope: 'admin' }

/**
 * Admits requests with an API key (`Authorization: Bearer <key>`) whose scope covers the route, and answers all others 401 or
 * 403. While there is no key at all, the server listens on loopback only, and requests from this machine are admitted.
 * Beyond the limits it answers 429.
 * @param options `configured`: keys that may do everything
 */
export const requireApiKey = (options: AuthOptions): MiddlewareHandler => {
  const { configured, ring, limiter, clientAddress } = options
  const known = configured.map((key, index) => ({ digest: digestOf(key), caller: configuredCaller(index) }))

  const callerOf = async (c: Context): Promise<Caller> => {
    if (known.length === 0 && !(await ring.hasKeys())) {
      if (isFromThisMachine(c)) return THIS_MACHINE
      throw new Problem(
        'invalid_api_key',
        'There is no API key, so only requests that this machine makes itself, without a proxy, are allowed. To allow others, set STILLROLLING_API_KEYS, or make a key with POST /v1/keys.',
      )
    }
    const [, key] = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? []
    const caller = key === undefined ? undefined : await callerWith(key)
    if (caller) return caller
    // Without a key nothing is guessed.
    if (key !== undefined) await limiter.takeRefusal(clientAddress(c))
    throw new Problem(
      'invalid_api_key',
      'The API key is missing, wrong or revoked. Send one as "Authorization: Bearer <key>".',
      { headers: { 'www-authenticate': 'Bearer' } },
    )
  }

  const callerWith = async (key: string): Promise<Caller | undefined> => {
    const given = digestOf(key)
    // All keys are compared, so that the time taken does not reveal which one matched.
    const [matching] = known.filter(({ digest }) => timingSafeEqual(digest, given))
    return matching?.caller ?? ring.find(given.toString('hex'))
  }

  return async (c, next) => {
    const caller = await callerOf(c)
    await limiter.takeRequest(caller)
    const { method, path } = c.req
    const needed = scopeFor(method, path)
    if (!covers(caller.scope, needed)) {
      throw new Problem(
        'insufficient_scope',
        `${method} ${path} needs a key with the scope "${needed}". The key "${caller.name}" has the scope "${caller.scope}".`,
        { headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${needed}"` } },
      )
    }
    c.set('caller', caller)
    return next()
  }
}

/** Whose request it is, after `requireApiKey` has admitted it. */
export const callerOf = (c: Context): Caller =>
  (c as Context<{ Variables: { caller: Caller } }>).get('caller')

/** For the timeline. */
export const requesterOf = (c: Context): { by: string } => ({ by: callerOf(c).name })

const configuredCaller = (index: number): Caller => ({
  id: `configured${index}`,
  name: CONFIGURED,
  scope: 'admin',
})

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest()

/** What is stored of a key's secret. It is random, so that a hash without salt reveals nothing of it. */
export const hashOfKey = (secret: string): string => digestOf(secret).toString('hex')
