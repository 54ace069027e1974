import { randomBytes } from 'node:crypto'
import type { EmulatorClock } from '../types.ts'
import type { AcquireRequest } from './requests/acquireRequest.ts'

/** A resource id that `acquire` handed out, and the request it was acquired with. */
export interface Resource {
  readonly id: string
  readonly cname: string
  readonly uid: string
  readonly request: AcquireRequest['clientRequest']
  /** Milliseconds since the epoch. */
  readonly acquiredAt: number
  /** The task that was started with it, at most one; null before a start. */
  sid: string | null
}

/** How long a resource id can be used for a start (https://docs.agora.io/en/cloud-recording/rest-api/acquire). */
export const RESOURCE_LIFETIME_MS: number = 5 * 60_000

export interface Resources {
  acquire(request: AcquireRequest): Resource
  get(id: string): Resource | undefined
}

export const createResources = (clock: EmulatorClock): Resources => {
  const resources = new Map<string, Resource>()

  /** Keeps the resources that were used, to recognise a second start with one. */
  const deleteExpired = (): void => {
    for (const [id, resource] of resources) {
      if (resource.sid === null && isExpired(resource, clock.now())) resources.delete(id)
    }
  }

  return {
    acquire: ({ cname, uid, clientRequest }) => {
      deleteExpired()
      // As long as Agora's ids, roughly.
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
  now >= resource.acquiredAt + RESOURCE_LIFETIME_MS
