import type { Call, TaskEvent } from './scenario.ts'
import type { VirtualTime } from './virtualTime.ts'

/** A recording at Agora, as it really is, whoever knows of it. */
export interface Task {
  sid: string
  resourceId: string
  cname: string
  uid: string
  /** Of the reporter's count, by the prefix of its files. */
  attempt: number
  startedAt: number
  maxRecordingHour: number
  readyTimeout: number
  ended: { at: number /** What queries say for a while, before 404. */; status: number | null } | null
  /** The page is open, and nothing of it is written. */
  onhold: boolean
  /** 404 to whoever asks, until then. */
  failingOver: number | null
  /** Of notifications; after a failover they come under another one. */
  uidNow: string
  sequence: number
}

/** What the service answers, before anything happens to it on its way. */
export interface Reply {
  status: number
  code?: number
  resourceId?: string
  sid?: string
  /** Of a query. */
  state?: number
  onhold?: boolean
}

export interface Request {
  cname?: string
  uid?: string
  attempt?: number
  resourceId?: string
  sid?: string
  maxRecordingHour?: number
  readyTimeout?: number
  onhold?: boolean
}

/** What Agora sends about a task; Agora's `details` are in the fields beside the event's number. */
export interface Event {
  eventType: number
  code?: number
  newUid?: string
  errorLevel?: number
  detail?: string
}

export interface AgoraEvents {
  onStarted(task: Task): void
  onNotice(task: Task, event: Event): void
  /** The recorder is gone, and its page with it. */
  onEnded(task: Task): void
  /** The page is opened anew: at once, or by the new server when there is one. */
  onReload(task: Task, afterMs: number): void
}

export interface Agora {
  readonly tasks: readonly Task[]
  serve(call: Call, request: Request): Reply
  /** Something happens to a recording's newest task that runs; nothing if none does. */
  strike(cname: string, event: TaskEvent, forMs: number): void
  end(task: Task, options: { event?: Event; status?: number | null }): void
  reload(task: Task): void
}

/** A resource serves one start, within 5 minutes. */
const RESOURCE_MS = 300_000
/** From the start to status 5. */
const BOOT_MS = 4000
const HOUR_MS = 3_600_000
/** After its end a task is still known for so long, in milliseconds. */
const REMEMBERED_MS = 12_000

export const createAgora = (time: VirtualTime, events: AgoraEvents): Agora => {
  const tasks: Task[] = []
  const resources = new Map<string, { cname: string; uid: string; at: number; task?: Task }>()
  let count = 0
  let rateWindow: number[] = []

  const acquire = ({ cname = '', uid = '' }: Request): Reply => {
    const resourceId = `resource${++count}`
    resources.set(resourceId, { cname, uid, at: time.now() })
    return { status: 200, resourceId }
  }

  const start = (request: Request): Reply => {
    const {
      cname = '',
      uid = '',
      attempt = 0,
      resourceId = '',
      maxRecordingHour = 1,
      readyTimeout = 0,
    } = request
    const resource = resources.get(resourceId)
    if (resource?.task && runs(resource.task)) return { status: 201, code: 7 }
    if (!resource || resource.task || time.now() - resource.at > RESOURCE_MS)
      return { status: 400, code: 433 }
    if (tasks.some((task) => task.cname === cname && task.uid === uid && runs(task))) {
      return { status: 400, code: 53 }
    }
    const sid = `sid${++count}`
    const task: Task = {
      ...{ sid, resourceId, cname, uid, attempt, maxRecordingHour, readyTimeout },
      startedAt: time.now(),
      ended: null,
      onhold: request.onhold ?? false,
      failingOver: null,
      uidNow: uid,
      sequence: 0,
    }
    tasks.push(task)
    resource.task = task
    events.onStarted(task)
    time.after(BOOT_MS, () => runs(task) && notice(task, { eventType: 70 }))
    time.after(maxRecordingHour * HOUR_MS, () => end(task, { event: { eventType: 71, code: 1 } }))
    return { status: 200, sid }
  }

  const find = ({ sid, resourceId }: Request): Task | undefined =>
    tasks.findLast((task) => task.sid === sid && task.resourceId === resourceId)

  const notFound: Reply = { status: 404, code: 404 }

  const query = (request: Request): Reply => {
    const task = find(request)
    if (!task || task.failingOver !== null) return notFound
    if (task.ended) {
      const { at, status } = task.ended
      return status !== null && time.now() - at < REMEMBERED_MS ? { status: 200, state: status } : notFound
    }
    const age = time.now() - task.startedAt
    return { status: 200, state: age < BOOT_MS / 2 ? 2 : age < BOOT_MS ? 4 : 5, onhold: task.onhold }
  }

  const stop = (request: Request): Reply => {
    const task = find(request)
    if (!task || task.failingOver !== null) return notFound
    if (task.ended) return time.now() - task.ended.at < REMEMBERED_MS ? { status: 400, code: 49 } : notFound
    end(task, { event: { eventType: 71, code: 0 } })
    return { status: 200 }
  }

  const update = (request: Request): Reply => {
    const task = find(request)
    if (!task || !runs(task) || task.failingOver !== null) return notFound
    task.onhold = request.onhold ?? false
    return { status: 200 }
  }

  const Serve: Record<Call, (request: Request) => Reply> = { acquire, start, query, stop, update }

  const notice = (task: Task, event: Event): void => events.onNotice(task, event)

  const end: Agora['end'] = (task, { event, status = 8 }) => {
    if (!runs(task)) return
    task.ended = { at: time.now(), status }
    task.failingOver = null
    events.onEnded(task)
    if (!event) return
    notice(task, event)
    notice(task, { eventType: 11, code: 0 })
  }

  const failOver = (task: Task, moved: boolean, forMs: number): void => {
    task.failingOver = time.now() + forMs
    if (moved) events.onReload(task, forMs)
    time.after(forMs, () => {
      if (task.failingOver === null) return
      task.failingOver = null
      if (!moved) return
      const newUid = String(Number(task.uid) + 1_000_000)
      notice(task, { eventType: 12, newUid })
      // The session that was replaced may tell of its own end.
      notice(task, { eventType: 11, code: 0 })
      Object.assign(task, { uidNow: newUid, sequence: 0 })
    })
  }

  const strike: Agora['strike'] = (cname, event, forMs) => {
    const task = tasks.findLast((each) => each.cname === cname && runs(each) && each.failingOver === null)
    if (!task) return
    switch (event.do) {
      case 'stopped':
        return end(task, { event: { eventType: 71, code: event.code } })
      case 'limit':
        notice(task, { eventType: 72, detail: 'WebGL' })
        return end(task, { event: { eventType: 71, code: 2 } })
      case 'reload':
        return reload(task)
      case 'exit':
        end(task, { status: 20 })
        return notice(task, { eventType: 11, code: 1 })
      case 'vanish':
        return end(task, { status: event.status })
      case 'failover':
        return failOver(task, event.moved, forMs)
      case 'fatal':
        return notice(task, { eventType: 1, errorLevel: 5 })
    }
  }

  const reload = (task: Task): void => {
    notice(task, { eventType: 73, detail: 'page_load_timeout' })
    events.onReload(task, 2000)
  }

  return {
    tasks,
    serve: (call, request) => {
      rateWindow = [...rateWindow.filter((at) => time.now() - at < 1000), time.now()]
      return rateWindow.length > QUOTA ? { status: 429 } : Serve[call](request)
    },
    strike,
    end,
    reload,
  }
}

/** Requests per second of an App ID. */
export const QUOTA = 10

export const runs = ({ ended }: Task): boolean => ended === null
