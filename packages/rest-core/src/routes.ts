import type { CallName } from './call.ts'
import type {
  AcquireRequest,
  QueryRequest,
  StartRequest,
  StopRequest,
  UpdateRequest,
} from './requests/calls.ts'
import type { Identity, TaskAddress } from './requests/identity.ts'

/** The request of each call. */
export type Requests = {
  acquire: AcquireRequest
  start: StartRequest
  query: QueryRequest
  update: UpdateRequest
  stop: StopRequest
}

type Route<Name extends CallName> = {
  method: 'GET' | 'POST'
  /** Below `/v1/apps/{appId}/cloud_recording`. */
  path(request: Requests[Name]): string
  /** What of the request goes into the body, the rest being in the path. */
  body(request: Requests[Name]): object | undefined
}

const task = ({ resourceId, sid, mode }: TaskAddress): string =>
  `/resourceid/${encodeURIComponent(resourceId)}/sid/${encodeURIComponent(sid)}/mode/${mode}`

const content = ({ cname, uid, clientRequest }: Identity & { clientRequest: object }): object => ({
  cname,
  uid,
  clientRequest,
})

/** Agora's endpoints. */
export const routes: { readonly [Name in CallName]: Route<Name> } = {
  acquire: { method: 'POST', path: () => '/acquire', body: content },
  start: {
    method: 'POST',
    path: ({ resourceId, mode }) => `/resourceid/${encodeURIComponent(resourceId)}/mode/${mode}/start`,
    body: content,
  },
  query: { method: 'GET', path: (request) => `${task(request)}/query`, body: () => undefined },
  update: { method: 'POST', path: (request) => `${task(request)}/update`, body: content },
  stop: { method: 'POST', path: (request) => `${task(request)}/stop`, body: content },
}
