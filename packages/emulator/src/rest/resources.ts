import { randomBytes } from 'node:crypto'
import type { EmulatorClock } from '../types.ts'
import type { AcquireRequest } from './requestSchemas.ts'

/** What `acquire` gave out. */
export interface Resource {
  readonly id: string
  readonly cname: string
  readonly uid: string
  readonly request: AcquireRequest['clientRequest']
  readonly acquiredAt: number
  /** The task that was started with it: an id serves one. */
  sid: string | null
}

/** A resource id is good for a start for 5 minutes. */
export const RESOURCE_LIFE_MS: number = 5 * 60_000

export interface Resources {
  acquire(request: AcquireRequest): Resource
  get(id: string): Resource | undefined
}

export const createResources = (clock: EmulatorClock): Resources => {
  const resources = new Map<string, Resource>()

  /** Those in use are kept, so that a second start with one is recognised. */
  const forgetExpired = (): void => {
    for (const [id, resource] of resources) {
      if (resource.sid === null && isExpired(resource, clock.now())) resources.delete(id)
    }
  }

  return {
    acquire: ({ cname, uid, clientRequest }) => {
      forgetExpired()
      // Agora's are about as long.
      const id = randomBytes(96).toString('base64url')
      const resource: Resource = {
        id,
        cname,
        uid,
        request: clientRequest,
        acquiredAt: clock.now(),
        sid: null,
      }
      resources.set(id, resource)
      return resource
    },
    get: (id) => resources.get(id),
  }
}

export const isExpired = (resource: Resource, now: number): boolean =>
  now >= resource.acquiredAt + RESOURCE_LIFE_MS
