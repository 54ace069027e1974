import type { Call, TaskEvent } from '../scenario/scenario.ts'
import type { VirtualTime } from '../virtualTime.ts'
import type { Channels, ChannelUser } from './channels.ts'
import { type ChannelTask, createChannelTasks, LEAVE_CODE } from './channelTasks.ts'
import { type AgoraEvent, isRunning, type Reply, type Request, type Task } from './task.ts'
import { applyEvent } from './taskEvents.ts'
import { awaitFirstFile, endUploads, filesOf, uploadingStatusOf } from './taskOutput.ts'

export interface AgoraHooks {
  /** When Agora registers the next task of this recording for high availability, in milliseconds; null: never. */
  haAfterMs(recordingId: string): number | null
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
  /** Ends a task that records a channel, as Agora does normally. */
  endSession(task: Task, how: { leaveCode: number; status: 7 | 8 }): void
  reload(task: Task): void
  onJoined(channel: string, user: ChannelUser): void
  onLeft(channel: string, user: ChannelUser): void
}

/** `target` makes a difference while a candidate runs beside the current attempt. */
export interface TaskFault {
  event: TaskEvent
  target: 'oldest' | 'newest'
  forMs: number
}

export interface EndOptions {
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
const DEFAULT_EXPIRED_HOUR = 72
/** The first one that no excluded resource is in is taken. */
const REGIONS = ['us', 'eu', 'ap', 'cn'] as const
/** For this time after its end a task still answers queries, in milliseconds. */
const KNOWN_AFTER_END_MS = 12_000
const NOT_FOUND: Reply = { status: 404, code: 404 }

export const createAgora = (time: VirtualTime, channels: Channels, hooks: AgoraHooks): Agora => {
  const endTask: Agora['end'] = (task, options) => end(state, task, options)
  const channelTasks = createChannelTasks({ time, hooks, channels, end: endTask })
  const state: State = { time, hooks, channelTasks, tasks: [], resources: new Map(), lastId: 0 }
  const { tasks } = state
  const { endSession } = channelTasks
  const recordedIn = (name: string): Task[] =>
    tasks.filter((task) => task.channel !== null && task.cname === name && isRunning(task))
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
      if (task)
        applyEvent({ time, hooks, end: endTask, reload: reloadTask, endSession }, task, { event, forMs })
    },
    end: endTask,
    endSession,
    reload: reloadTask,
    onJoined: (name, user) => channelTasks.onJoined(recordedIn(name), user),
    onLeft: (name, user) => channelTasks.onLeft(recordedIn(name), user),
  }
}

interface State {
  time: VirtualTime
  hooks: AgoraHooks
  channelTasks: ReturnType<typeof createChannelTasks>
  tasks: Task[]
  resources: Map<string, { at: number; expiresAt: number; region: string; task?: Task }>
  lastId: number
}

type Route = (state: State, request: Request) => Reply

const acquire: Route = (state, { resourceExpiredHour = DEFAULT_EXPIRED_HOUR, excludeResourceIds = [] }) => {
  state.lastId += 1
  const resourceId = `resource${state.lastId}`
  const at = state.time.now()
  const excluded = excludeResourceIds.map((id) => state.resources.get(id)?.region)
  const region = REGIONS.find((each) => !excluded.includes(each)) ?? REGIONS[0]
  state.resources.set(resourceId, { at, expiresAt: at + resourceExpiredHour * HOUR_MS, region })
  return { status: 200, resourceId }
}

const start: Route = (state, request) => {
  const { time, hooks, tasks, resources, channelTasks } = state
  const { cname = '', uid = '', resourceId = '' } = request
  const resource = resources.get(resourceId)
  if (resource?.task && isRunning(resource.task)) return { status: 201, code: 7 }
  if (!resource || resource.task || time.now() - resource.at > RESOURCE_MS) return { status: 400, code: 433 }
  if (tasks.some((task) => task.cname === cname && task.uid === uid && isRunning(task))) {
    return { status: 400, code: 53 }
  }
  state.lastId += 1
  const task = taskOf(request, `sid${state.lastId}`, time.now())
  task.expiresAt = resource.expiresAt
  task.region = resource.region
  if (task.channel) task.channel.haAfterMs = hooks.haAfterMs(task.recordingId)
  tasks.push(task)
  resource.task = task
  hooks.onStarted(task)
  if (task.channel) channelTasks.begin(task)
  else beginPage(state, task)
  return { status: 200, sid: task.sid }
}

const beginPage = (state: State, task: Task): void => {
  const { time, hooks } = state
  time.after(RECORDER_START_MS, () => {
    if (!isRunning(task)) return
    hooks.onNotification(task, { eventType: 70 })
    awaitFirstFile(time, task)
  })
  time.after(task.maxRecordingHour * HOUR_MS, () => end(state, task, { event: { eventType: 71, code: 1 } }))
}

const query: Route = ({ time, tasks }, request) => {
  const task = findTask(tasks, request)
  if (!task || isOutOfReach(time, task)) return NOT_FOUND
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
  if (!task || isOutOfReach(state.time, task)) return NOT_FOUND
  if (task.ended) {
    const isKnown = state.time.now() - task.ended.at < KNOWN_AFTER_END_MS
    return isKnown ? { status: 400, code: 49 } : NOT_FOUND
  }
  if (task.channel) state.channelTasks.endSession(task, { leaveCode: LEAVE_CODE.onRequest, status: 7 })
  else end(state, task, { event: { eventType: 71, code: 0 } })
  return { status: 200, files: filesOf(task), uploadingStatus: uploadingStatusOf(task) }
}

const update: Route = ({ time, tasks }, request) => {
  const task = findTask(tasks, request)
  if (!task || !isRunning(task) || isOutOfReach(time, task)) return NOT_FOUND
  if (task.channel) {
    if (task.channel.refusesUpdates) return { status: 400, code: 2 }
    addValues(task.channel, request)
    return { status: 200 }
  }
  task.onhold = request.onhold ?? false
  awaitFirstFile(time, task)
  return { status: 200 }
}

const ROUTES: Record<Call, Route> = { acquire, start, query, stop, update }

/** A failover takes a while, and the resource of a task expires while it runs on. */
const isOutOfReach = (time: VirtualTime, { failingOverUntil, expiresAt }: Task): boolean =>
  failingOverUntil !== null || time.now() >= expiresAt

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
  const { maxRecordingHour = 1, readyTimeout = 0, channel } = request
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
    channel: channel ? channelTaskOf(channel, request) : null,
    expiresAt: Number.POSITIVE_INFINITY,
    region: REGIONS[0],
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

const channelTaskOf = (channel: NonNullable<Request['channel']>, request: Request): ChannelTask => {
  const task = { ...channel, haAfterMs: null, refusesUpdates: false, layouts: [], subscriptions: [] }
  addValues(task, request)
  return task
}

const addValues = (task: ChannelTask, { layout, subscription }: Request): void => {
  if (layout !== undefined) task.layouts.push(layout)
  if (subscription !== undefined) task.subscriptions.push(subscription)
}
