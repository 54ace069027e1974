import type { TaskView } from '../types.ts'
import type { Task } from './task.ts'
import { taskFiles } from './taskFiles.ts'
import { uploadsOf } from './uploads.ts'

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

/**
 * `serverResponse.status` of query (https://docs.agora.io/en/cloud-recording/rest-api/query): 1 initialised ·
 * 2 starting · 4 ready (here: the page is open and has not called `notifyReady`) · 5 in progress · 6 stop requested ·
 * 8 exited · 20 exited abnormally.
 */
export const taskStatus = (task: Task): number => {
  const failed = task.stop !== null && task.stop.code > 1
  switch (task.state) {
    case 'starting':
      return 1
    case 'opening':
      return task.openedAt === null ? 2 : 4
    case 'paused':
    case 'recording':
      return 5
    case 'exiting':
      return failed ? 20 : 6
    case 'ended':
      return failed ? 20 : 8
  }
}

/** A task as the control API shows it. */
export const viewTask = (task: Task, now: number): TaskView => ({
  sid: task.sid,
  resourceId: task.resourceId,
  cname: task.cname,
  uid: task.uid,
  url: task.url,
  state: task.state,
  status: taskStatus(task),
  page: task.page,
  ready: task.ready,
  reloads: task.reloads,
  onhold: task.onhold,
  startedAt: new Date(task.startedAt).toISOString(),
  openedAt: iso(task.openedAt),
  recordingAt: iso(task.recordingAt),
  endedAt: iso(task.endedAt),
  stop: task.stop && { code: task.stop.code, message: task.stop.message },
  uploads: uploadsOf(task),
  files: taskFiles(task, now),
})
