import type { Meaning } from './classify.ts'
import type { CloudRecordingError } from './errors.ts'

/**
 * What has to change before the same request can succeed.
 * - `request`: the request itself. Agora's service, or our own check, has refused it: the answer is final.
 * - `account`: the credentials, the App ID, or what the account may do
 * - `way`: the network, or a gateway or proxy between this client and Agora
 * - `service`: Agora's service has failed
 * - `capacity`: a quota, Agora's or the client's own, is used up
 * - `task`: the state of the task or its resource
 * - `caller`: nothing; the caller aborted
 */
export type Trouble = 'request' | 'account' | 'way' | 'service' | 'capacity' | 'task' | 'caller'

const TROUBLES: Readonly<Record<Exclude<Meaning, 'success'>, Trouble>> = {
  invalidRequest: 'request',
  authentication: 'account',
  account: 'account',
  rateLimited: 'capacity',
  refused: 'request',
  overloaded: 'capacity',
  alreadyStarted: 'task',
  taskConflict: 'task',
  notCompleted: 'service',
  noWorker: 'capacity',
  resourceExpired: 'task',
  timeout: 'service',
  notFound: 'task',
  noRecordedData: 'task',
  alreadyStopping: 'task',
  uploadUnfinished: 'task',
  service: 'service',
  gateway: 'way',
  network: 'way',
  badAnswer: 'way',
  aborted: 'caller',
}

/** acquire 400/406: Agora's word for a quota that is used up. */
const VENDOR_OVER_LOAD = 406

/**
 * What has to change before a failed call can succeed. Only `request` is final.
 *
 * @example
 * const error = await client.query({ ...task, sid: '' }).catch((error: unknown) => error)
 * if (error instanceof CloudRecordingError) {
 *   troubleOf(error) // => 'request'
 * }
 */
export const troubleOf = ({
  verdict,
  code,
  tries,
}: Pick<CloudRecordingError, 'verdict' | 'code' | 'tries'>): Trouble => {
  const { meaning } = verdict
  // Without a code, Agora did not answer in time; without a try, the call waited in the client's own queue.
  if (meaning === 'timeout' && code === undefined) return tries === 0 ? 'capacity' : 'way'
  // It is not documented what such a 400 means. It may pass, or need a person.
  if (meaning === 'overloaded' && code !== VENDOR_OVER_LOAD) return 'account'
  return meaning === 'success' ? 'service' : TROUBLES[meaning]
}
