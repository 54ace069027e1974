import type { Call, TaskEvent } from '../scenario/scenario.ts'
import type { VirtualTime } from '../virtualTime.ts'
import { applyEvent } from './taskEvents.ts'
import {
  awaitFirstFile,
  endUploads,
  filesOf,
  type UploadingStatus,
  type Uploads,
  uploadingStatusOf,
} from './taskOutput.ts'

/** A task at Agora as it really is, whether or not the reporter knows it. */
export interface Task {
  sid: string
  resourceId: string
  cname: string
  uid: string
  /** Of the reporter, from the prefix of the files. */
  recordingId: string
  attempt: number
  startedAt: number
  maxRecordingHour: number
  readyTimeout: number
  ended: { at: number /** What queries answer for a while, before 404. */; status: number | null } | null
  /** The page is open, and Agora writes nothing. */
  onhold: boolean
  /** Every request is answered 404 until then. */
  failingOverUntil: number | null
  /** What queries answer in place of the task's own status. */
  unsettledStatus: number | null
  /** The recorder has written a playlist. */
  hasFiles: boolean
  /** Agora lists no file, whatever it has written. */
  hidesFiles: boolean
  /** Agora notifies each minute how the uploads go: only of tasks of which that is news. */
  reportsUploads: boolean
  /** By the uid of the session; absent as long as it works. */
  uploads: Map<string, Uploads>
  /** The uid in notifications: after a failover it is a new one. */
  notifiedUid: string
  sequence: number
}

/** What Agora answers, before the network interferes. */
export interface Reply {
  status: number
  code?: number
  resourceId?: string
  sid?: string
  /** The `status` of a query's serverResponse. */
  state?: number
  onhold?: boolean
  /** The names that the answer lists. */
  files?: string[]
  /** Of a stop. */
  uploadingStatus?: UploadingStatus
}

export interface Request {
  cname?: string
  uid?: string
  recordingId?: string
  attempt?: number
  resourceId?: string
  sid?: string
  maxRecordingHour?: number
  readyTimeout?: number
  onhold?: boolean
}

/** What Agora notifies about a task: the event's number, and fields of its `details`. */
export interface AgoraEvent {
  eventType: number
  code?: number
  newUid?: string
  module?: number
  errorLevel?: number
  status?: number
  progress?: number
  detail?: string
  files?: string[]
}

export interface AgoraHooks {
  onStarted(task: Task): void
  onNotification(task: Task, event: AgoraEvent): void
  /** The recorder is gone, and its page with it. */
  onEnded(task: Task): void
  /** The page closes, and opens again `afterMs` later. */
  onReload(task: Task, afterMs: number): void
}

export interface Agora {
  readonly tasks: readonly Task[]
  serve(call: Call, request: Request): Reply
  /** Injects an event into a running task of a recording; does nothing if none runs. */
  injectEvent(recordingId: string, fault: TaskFault): void
  end(task: Task, options: EndOptions): void
  reload(task: Task): void
}

/** `target` makes a difference while a candidate runs beside the current attempt. */
export interface TaskFault {
  event: TaskEvent
  target: 'oldest' | 'newest'
  forMs: number
}

interface EndOptions {
  /** Notified, with event 11 after it. */
  event?: AgoraEvent
  /** What queries answer for a while; null: 404 immediately. @default 8 */
  status?: number | null
}

/** Requests per second that an App ID may send. */
export const QUOTA_PER_SECOND = 10

/** A resource can start one task, within 5 minutes. */
const RESOURCE_MS = 300_000
/** From the start to status 5. */
const RECORDER_START_MS = 4000
const HOUR_MS = 3_600_000
/** For this time after its end a task still answers queries, in milliseconds. */
const KNOWN_AFTER_END_MS = 12_000
const NOT_FOUND: Reply = { status: 404, code: 404 }

export const isRunning = ({ ended }: Task): boolean => ended === null

export const createAgora = (time: VirtualTime, hooks: AgoraHooks): Agora => {
  const state: State = { time, hooks, tasks: [], resources: new Map(), lastId: 0 }
  const { tasks } = state
  const endTask: Agora['end'] = (task, options) => end(state, task, options)
  const reloadTask: Agora['reload'] = (task) => reload(state, task)
  let requestTimes: number[] = []
  return {
    tasks,
    serve: (call, request) => {
      requestTimes = [...requestTimes.filter((at) => time.now() - at < 1000), time.now()]
      return requestTimes.length > QUOTA_PER_SECOND ? { status: 429 } : ROUTES[call](state, request)
    },
    injectEvent: (recordingId, { event, target, forMs }) => {
      const running = tasks.filter(
        (each) => each.recordingId === recordingId && isRunning(each) && each.failingOverUntil === null,
      )
      const task = target === 'newest' ? running.at(-1) : running[0]
      if (task) applyEvent({ time, hooks, end: endTask, reload: reloadTask }, task, { event, forMs })
    },
    end: endTask,
    reload: reloadTask,
  }
}

interface State {
  time: VirtualTime
  hooks: AgoraHooks
  tasks: Task[]
  resources: Map<string, { cname: string; uid: string; at: number; task?: Task }>
  lastId: number
}

type Route = (state: State, request: Request) => Reply

const acquire: Route = (state, { cname = '', uid = '' }) => {
  state.lastId += 1
  const resourceId = `resource${state.lastId}`
  state.resources.set(resourceId, { cname, uid, at: state.time.now() })
  return { status: 200, resourceId }
}

const start: Route = (state, request) => {
  const { time, hooks, tasks, resources } = state
  const { cname = '', uid = '', resourceId = '' } = request
  const resource = resources.get(resourceId)
  if (resource?.task && isRunning(resource.task)) return { status: 201, code: 7 }
  if (!resource || resource.task || time.now() - resource.at > RESOURCE_MS) return { status: 400, code: 433 }
  if (tasks.some((task) => task.cname === cname && task.uid === uid && isRunning(task))) {
    return { status: 400, code: 53 }
  }
  state.lastId += 1
  const task = taskOf(request, `sid${state.lastId}`, time.now())
  tasks.push(task)
  resource.task = task
  hooks.onStarted(task)
  time.after(RECORDER_START_MS, () => {
    if (!isRunning(task)) return
    hooks.onNotification(task, { eventType: 70 })
    awaitFirstFile(time, task)
  })
  time.after(task.maxRecordingHour * HOUR_MS, () => end(state, task, { event: { eventType: 71, code: 1 } }))
  return { status: 200, sid: task.sid }
}

const query: Route = ({ time, tasks }, request) => {
  const task = findTask(tasks, request)
  if (!task || task.failingOverUntil !== null) return NOT_FOUND
  if (task.ended) {
    const { at, status } = task.ended
    const isKnown = status !== null && time.now() - at < KNOWN_AFTER_END_MS
    return isKnown ? { status: 200, state: status, files: filesOf(task) } : NOT_FOUND
  }
  const age = time.now() - task.startedAt
  const state = age < RECORDER_START_MS / 2 ? 2 : age < RECORDER_START_MS ? 4 : 5
  return { status: 200, state: task.unsettledStatus ?? state, onhold: task.onhold, files: filesOf(task) }
}

const stop: Route = (state, request) => {
  const task = findTask(state.tasks, request)
  if (!task || task.failingOverUntil !== null) return NOT_FOUND
  if (task.ended) {
    const isKnown = state.time.now() - task.ended.at < KNOWN_AFTER_END_MS
    return isKnown ? { status: 400, code: 49 } : NOT_FOUND
  }
  end(state, task, { event: { eventType: 71, code: 0 } })
  return { status: 200, files: filesOf(task), uploadingStatus: uploadingStatusOf(task) }
}

const update: Route = ({ time, tasks }, request) => {
  const task = findTask(tasks, request)
  if (!task || !isRunning(task) || task.failingOverUntil !== null) return NOT_FOUND
  task.onhold = request.onhold ?? false
  awaitFirstFile(time, task)
  return { status: 200 }
}

const ROUTES: Record<Call, Route> = { acquire, start, query, stop, update }

const findTask = (tasks: readonly Task[], { sid, resourceId }: Request): Task | undefined =>
  tasks.findLast((task) => task.sid === sid && task.resourceId === resourceId)

const end = ({ time, hooks }: State, task: Task, { event, status = 8 }: EndOptions): void => {
  if (!isRunning(task)) return
  task.ended = { at: time.now(), status }
  task.failingOverUntil = null
  hooks.onEnded(task)
  if (!event) return
  hooks.onNotification(task, { ...event, files: filesOf(task) })
  hooks.onNotification(task, { eventType: 11, code: 0 })
  endUploads(time, task, hooks.onNotification)
}

const reload = ({ hooks }: State, task: Task): void => {
  hooks.onNotification(task, { eventType: 73, detail: 'page_load_timeout' })
  hooks.onReload(task, 2000)
}

const taskOf = (request: Request, sid: string, startedAt: number): Task => {
  const { cname = '', uid = '', recordingId = '', attempt = 0, resourceId = '', onhold = false } = request
  const { maxRecordingHour = 1, readyTimeout = 0 } = request
  return {
    ...{
      sid,
      resourceId,
      cname,
      uid,
      recordingId,
      attempt,
      maxRecordingHour,
      readyTimeout,
      startedAt,
      onhold,
    },
    ended: null,
    failingOverUntil: null,
    unsettledStatus: null,
    hasFiles: false,
    hidesFiles: false,
    reportsUploads: false,
    uploads: new Map(),
    notifiedUid: uid,
    sequence: 0,
  }
}
