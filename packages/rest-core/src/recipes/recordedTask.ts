import type { AcquireRequest, AcquireSettings, Task } from '../requests/calls.ts'
import type { Identity } from '../requests/identity.ts'
import { isPostponed } from '../requests/individual.ts'

/** What is recorded: the `clientRequest` of start, and its mode, which may be left out for a web page. */
export type RecordedTask = Task<'individual' | 'mix'> | (Omit<Task<'web'>, 'mode'> & { mode?: 'web' })

type Requests = { acquire: AcquireRequest; start: Identity & Task }

/**
 * Both requests of a start: acquire's `startParameter` is start's `clientRequest`, or Agora refuses the start,
 * and `scene` is that of the mode: 0 a channel, 1 a web page, 2 a channel to be transcoded afterwards.
 */
export function requestsOf(recorded: Identity & RecordedTask, settings: AcquireSettings = {}): Requests {
  const { cname, uid, mode } = recorded
  const who = { cname, uid }
  if (mode === 'individual') {
    const { clientRequest } = recorded
    const scene = isPostponed(clientRequest) ? 2 : 0
    const reservation = { ...settings, scene, startParameter: clientRequest } as const
    return { acquire: { ...who, clientRequest: reservation }, start: { ...who, mode, clientRequest } }
  }
  if (mode === 'mix') {
    const { clientRequest } = recorded
    const reservation = { ...settings, scene: 0, startParameter: clientRequest } as const
    return { acquire: { ...who, clientRequest: reservation }, start: { ...who, mode, clientRequest } }
  }
  const { clientRequest } = recorded
  const reservation = { ...settings, scene: 1, startParameter: clientRequest } as const
  return { acquire: { ...who, clientRequest: reservation }, start: { ...who, mode: 'web', clientRequest } }
}
