import type { PageTaskView } from '../../types.ts'
import { iso, statusOf } from '../status.ts'
import { webFiles } from './webFiles.ts'
import { hasFailed, type WebTask } from './webTask.ts'
import { uploadsOf } from './webUploads.ts'

/** 4 is ready: here, the page is open and has not called `notifyReady`. */
export const webStatus = (task: WebTask): number =>
  task.state === 'opening' && task.openedAt !== null ? 4 : statusOf(task.state, hasFailed(task))

/** A task as the control API shows it. */
export const viewWebTask = (task: WebTask, now: number): PageTaskView => ({
  mode: task.mode,
  sid: task.sid,
  resourceId: task.resourceId,
  cname: task.cname,
  uid: task.uid,
  url: task.url,
  state: task.state,
  status: webStatus(task),
  page: task.page,
  ready: task.ready,
  reloads: task.reloads,
  onhold: task.onhold,
  startedAt: new Date(task.startedAt).toISOString(),
  openedAt: iso(task.openedAt),
  recordingAt: iso(task.recordingAt),
  endedAt: iso(task.endedAt),
  stop: task.stop && { code: task.stop.code, message: task.stop.message },
  failovers: task.session.failovers,
  uploads: uploadsOf(task),
  files: webFiles(task, now),
})
