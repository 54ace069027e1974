import type { AcquireClientRequest, AcquireRequest, AcquireSettings } from './acquire.ts'
import type { StartRequest, Task } from './calls.ts'
import type { Identity } from './identity.ts'
import { isPostponed } from './individual.ts'

/** What is recorded: the `clientRequest` of start, and its mode, which may be left out for a web page. */
export type RecordedTask = Task<'individual' | 'mix'> | (Omit<Task<'web'>, 'mode'> & { mode?: 'web' })

/** What shall be recorded, and what acquire takes besides. */
export type PairRequest = Identity & RecordedTask & { acquire?: AcquireSettings }

/** The two requests that start one recording. */
export interface RequestPair {
  acquire: AcquireRequest
  start(resourceId: string): StartRequest
}

/**
 * acquire and start made of one `clientRequest`, so that acquire's `startParameter` and `scene` agree with the
 * start: Agora refuses a start that differs (Agora, acquire).
 */
export const requestPair = (request: PairRequest): RequestPair => {
  const { cname, uid, acquire } = request
  const task = taskOf(request)
  return {
    acquire: { cname, uid, clientRequest: { ...acquire, ...announcementOf(task) } },
    start: (resourceId) => ({ cname, uid, resourceId, ...task }),
  }
}

const taskOf = (request: PairRequest): Task => {
  switch (request.mode) {
    case 'individual':
      return { mode: request.mode, clientRequest: request.clientRequest }
    case 'mix':
      return { mode: request.mode, clientRequest: request.clientRequest }
    default:
      return { mode: 'web', clientRequest: request.clientRequest }
  }
}

const announcementOf = ({ mode, clientRequest }: Task): AcquireClientRequest => {
  switch (mode) {
    case 'individual':
      return { scene: isPostponed(clientRequest) ? 2 : 0, startParameter: clientRequest }
    case 'mix':
      return { scene: 0, startParameter: clientRequest }
    case 'web':
      return { scene: 1, startParameter: clientRequest }
  }
}
