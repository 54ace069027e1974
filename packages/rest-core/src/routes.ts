import type { CallName } from './call.ts'
import type {
  AcquireRequest,
  QueryRequest,
  StartRequest,
  StopRequest,
  UpdateLayoutRequest,
  UpdateRequest,
} from './requests/calls.ts'
import type { Identity, TaskAddress } from './requests/identity.ts'

/** The request of each call. */
export interface Requests {
  acquire: AcquireRequest
  start: StartRequest
  query: QueryRequest
  update: UpdateRequest
  updateLayout: UpdateLayoutRequest
  stop: StopRequest
  notificationServers: Record<string, never>
}

interface Route<Name extends CallName> {
  method: 'GET' | 'POST'
  /** The path of the URL, with its first slash. */
  path(appId: string, request: Requests[Name]): string
  /** The part of the request that is sent in the body; the rest is in the path. */
  body(request: Requests[Name]): object | undefined
}

const segment = encodeURIComponent

const service = (appId: string): string => `/v1/apps/${segment(appId)}/cloud_recording`

const task = (appId: string, { resourceId, sid, mode }: TaskAddress, verb: string): string =>
  `${service(appId)}/resourceid/${segment(resourceId)}/sid/${segment(sid)}/mode/${mode}/${verb}`

/** The body has all fields but those of the path. */
const content = (request: Identity & Partial<TaskAddress> & { clientRequest: object }): object => {
  const { resourceId: _, sid: __, mode: ___, ...body } = request
  return body
}

const nothing = (): undefined => undefined

/** Agora's endpoints: https://docs.agora.io/en/api-reference/api-ref/cloud-recording */
export const ROUTES: { readonly [Name in CallName]: Route<Name> } = {
  acquire: { method: 'POST', path: (appId) => `${service(appId)}/acquire`, body: content },
  start: {
    method: 'POST',
    path: (appId, { resourceId, mode }) =>
      `${service(appId)}/resourceid/${segment(resourceId)}/mode/${mode}/start`,
    body: content,
  },
  query: { method: 'GET', path: (appId, request) => task(appId, request, 'query'), body: nothing },
  update: { method: 'POST', path: (appId, request) => task(appId, request, 'update'), body: content },
  updateLayout: {
    method: 'POST',
    path: (appId, request) => task(appId, request, 'updateLayout'),
    body: content,
  },
  stop: { method: 'POST', path: (appId, request) => task(appId, request, 'stop'), body: content },
  // The notification service belongs to the account, not to an App ID.
  notificationServers: { method: 'GET', path: () => '/v2/ncs/ip', body: nothing },
}
