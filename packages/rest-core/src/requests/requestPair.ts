import type { AcquireClientRequest, AcquireRequest, AcquireSettings } from './acquire.ts'
import type { StartRequest, Task } from './calls.ts'
import type { Identity } from './identity.ts'
import { isPostponed } from './individual.ts'

/** What is recorded: the `clientRequest` of start, and its mode, by default `web`. */
export type RecordedTask = Task<'individual' | 'mix'> | (Omit<Task<'web'>, 'mode'> & { mode?: 'web' })

/** What is recorded, and the settings of acquire. */
export type PairRequest = Identity & RecordedTask & { acquire?: AcquireSettings }

/** The two requests that start one recording. */
export interface RequestPair {
  acquire: AcquireRequest
  start(resourceId: string): StartRequest
}

/**
 * Makes the requests of acquire and start from one `clientRequest`, so that acquire's `startParameter` and `scene` agree
 * with the start: Agora refuses a start that differs.
 *
 * @see https://docs.agora.io/en/api-reference/api-ref/cloud-recording/acquire
 * @example
 * const pair = requestPair({ cname: 'class42', uid: '900001', clientRequest })
 * const { resourceId } = await client.acquire(pair.acquire)
 * const { sid } = await client.start(pair.start(resourceId))
 */
export const requestPair = (request: PairRequest): RequestPair => {
  const { cname, uid, acquire } = request
  const task = taskOf(request)
  return {
    acquire: { cname, uid, clientRequest: { ...acquire, ...acquireFieldsOf(task) } },
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

const acquireFieldsOf = ({ mode, clientRequest }: Task): AcquireClientRequest => {
  switch (mode) {
    case 'individual':
      return { scene: isPostponed(clientRequest) ? 2 : 0, startParameter: clientRequest }
    case 'mix':
      return { scene: 0, startParameter: clientRequest }
    case 'web':
      return { scene: 1, startParameter: clientRequest }
  }
}
