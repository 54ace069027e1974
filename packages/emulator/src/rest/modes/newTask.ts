import { randomBytes } from 'node:crypto'
import { firstSession, type TaskFacts } from '../../task/task.ts'
import type { CallContext } from '../callContext.ts'
import type { Identity, StorageConfig } from '../requests/common.ts'
import type { Resource } from '../resources.ts'

type NewFacts = Omit<TaskFacts, 'mode' | 'serviceScene'>

/** What the tasks of all modes begin with. */
export const newTask = (
  { cname, uid }: Identity,
  { fileNamePrefix = [] }: StorageConfig,
  resource: Resource,
  { clock, hourMs }: CallContext,
): NewFacts => ({
  sid: randomBytes(16).toString('hex'),
  resourceId: resource.id,
  cname,
  uid,
  filePrefix: fileNamePrefix,
  startedAt: clock.now(),
  expiresAt: resource.acquiredAt + resource.request.resourceExpiredHour * hourMs,
  state: 'starting',
  exitingAt: null,
  endedAt: null,
  uploads: 'ok',
  notFoundUntil: 0,
  sequence: 0,
  session: firstSession(uid),
})
