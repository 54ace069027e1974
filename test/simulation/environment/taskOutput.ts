import type { VirtualTime } from '../virtualTime.ts'
import type { AgoraEvent, Task } from './task.ts'

/** How the files of one session fare on their way to the bucket; the last three only once the session has ended. */
export type Uploads = 'working' | 'failing' | 'backingUp' | 'uploaded' | 'failed' | 'backedUp'

export type UploadingStatus = 'uploaded' | 'backuped' | 'unknown'

/** A recorder has written for this long when its playlist is listed, in milliseconds: a segment is 15 s long. */
const FIRST_FILE_MS = 15_000
/** The uploader brings the last files into the bucket within this time after the end, in milliseconds. */
const LAST_UPLOAD_MS = 5000
const PROGRESS_MS = 60_000
/** Event 1: the module of the uploader, and its code for a storage that refuses the files. */
const UPLOADER = 1
const UPLOAD_FAILED = 47
const MAJOR = 4
/** Event 33's progress when every recorded file is uploaded. */
const ALL_UPLOADED = 10_000

type Notify = (task: Task, event: AgoraEvent) => void

/** The recorder writes from now on, unless it is paused meanwhile. */
export const awaitFirstFile = (time: VirtualTime, task: Task, afterMs: number = FIRST_FILE_MS): void => {
  time.after(afterMs, () => {
    if (task.ended === null && !task.onhold) task.hasFiles = true
  })
}

/** What queries, the answer to a stop, and event 71 list. */
export const filesOf = ({ sid, hasFiles, hidesFiles }: Task): string[] =>
  hasFiles && !hidesFiles ? [`${sid}.m3u8`] : []

/** The state of the task's newest session. */
export const uploadsOf = ({ uploads, notifiedUid }: Task): Uploads => uploads.get(notifiedUid) ?? 'working'

const setUploads = (task: Task, uploads: Uploads): void => {
  task.uploads.set(task.notifiedUid, uploads)
}

/**
 * The uploader fails, and says so each minute: first that it did not start (30), that its credentials have expired (34), or
 * which error it had (1), then its errors. Once it works again, it notifies the progress.
 */
export const failUploads = (
  { time, notify }: { time: VirtualTime; notify: Notify },
  task: Task,
  first: 1 | 30 | 34,
): void => {
  setUploads(task, 'failing')
  if (first !== 1 && task.failingOverUntil === null) notify(task, FIRST_FAILURES[first])
  if (task.reportsUploads) return
  task.reportsUploads = true
  const report = (): void => {
    if (task.ended !== null) return
    if (task.failingOverUntil === null) notify(task, progressOf(task))
    time.after(PROGRESS_MS, report)
  }
  report()
}

const FIRST_FAILURES = {
  30: { eventType: 30, status: 1 },
  34: { eventType: 34 },
} as const

export const repairUploads = (task: Task): void => {
  if (uploadsOf(task) === 'failing') setUploads(task, 'working')
}

/** Agora keeps files of this session in its own backup. */
export const backUp = (task: Task): void => setUploads(task, 'backingUp')

/** What the answer to a stop says: usually the last files are yet to be uploaded. A paused task has written none lately. */
export const uploadingStatusOf = (task: Task): UploadingStatus => {
  const uploads = uploadsOf(task)
  if (uploads === 'backingUp') return 'backuped'
  return uploads === 'working' && task.onhold && task.hasFiles ? 'uploaded' : 'unknown'
}

const progressOf = (task: Task): AgoraEvent =>
  uploadsOf(task) === 'failing'
    ? { eventType: 1, module: UPLOADER, errorLevel: MAJOR, code: UPLOAD_FAILED, detail: 'upload failed' }
    : { eventType: 33, progress: ALL_UPLOADED }

/** The task has ended, and the uploader after it. */
export const endUploads = (time: VirtualTime, task: Task, notify: Notify): void => {
  time.after(LAST_UPLOAD_MS, () => endSession(task, notify))
}

/** Agora says what has become of the files of the newest session. */
export const endSession = (task: Task, notify: Notify): void => {
  const before = uploadsOf(task)
  if (before === 'backingUp') {
    setUploads(task, 'backedUp')
    notify(task, { eventType: 32, status: 0 })
    return
  }
  const hasFailed = before === 'failing'
  setUploads(task, hasFailed ? 'failed' : 'uploaded')
  notify(task, { eventType: 31, status: hasFailed ? 1 : 0 })
}
