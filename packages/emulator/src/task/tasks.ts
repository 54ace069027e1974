import { AccessError, type PageOpener, type PageSignal, type RecordedPage } from '../browser/pageOpener.ts'
import type { NotificationRequest } from '../notifications/notification.ts'
import type { Recorder, RecorderSignal, TaskRecorder } from '../recorder/recorder.ts'
import type { S3Target } from '../recorder/s3Target.ts'
import type { EmulatorClock } from '../types.ts'
import { step } from './step.ts'
import { type Action, type Delays, isLive, type Task, type TaskInput, type Timer } from './task.ts'
import { baseName } from './taskFiles.ts'

export interface TasksOptions {
  clock: EmulatorClock
  delays: Delays
  pageOpener: PageOpener
  /** Null: no files are written. */
  recorder: Recorder | null
  notify: (task: Task, request: NotificationRequest) => void
  log: (task: Task, message: string) => void
}

/** All tasks. Passes inputs to `step` and carries out the actions that it returns. */
export interface Tasks {
  /** @param target the bucket that files are uploaded to; null if they are not */
  add(task: Task, target: S3Target | null): void
  get(sid: string): Task | undefined
  all(): Task[]
  /** Tasks that have not ended. */
  live(): Task[]
  /** Applies an input to a task; does nothing if the sid is unknown. */
  send(sid: string, input: TaskInput): void
  page(sid: string): RecordedPage | undefined
  /** Uploads the task's files into another bucket, or with other keys. */
  setTarget(sid: string, target: S3Target | null): void
  /** Resolves when the task has ended, immediately if the sid is unknown. */
  ended(sid: string): Promise<void>
  /** Cancels every timer. Pages and files are closed by closing the page opener and the recorder. */
  close(): void
}

interface Entry {
  task: Task
  page?: RecordedPage
  recorder?: TaskRecorder
  /** Functions that cancel the running timers. */
  timers: Map<Timer, () => void>
  endedListeners: (() => void)[]
}

/** Number of ended tasks that are kept, for `tasks()`. */
const MAX_ENDED_TASKS = 1000

const INPUT_OF_SIGNAL: Record<PageSignal, TaskInput> = {
  navigating: { type: 'pageLoading' },
  notifyReady: { type: 'notifyReady' },
  crashed: { type: 'pageCrashed' },
  browserDied: { type: 'browserDied' },
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const cancelTimers = ({ timers }: Entry): void => {
  for (const cancel of timers.values()) cancel()
  timers.clear()
}

/** Loads the task's page and passes the result on to `send`. */
const loadPage = async (
  entry: Entry,
  pageOpener: PageOpener,
  send: (input: TaskInput) => void,
): Promise<void> => {
  entry.page ??= pageOpener.createPage({ ...entry.task, screencast: entry.recorder?.screencast }, (signal) =>
    send(INPUT_OF_SIGNAL[signal]),
  )
  // A reload replaces a load that is still running; the result of the replaced load is ignored.
  const { reloads } = entry.task
  const isCurrent = () => entry.task.reloads === reloads
  try {
    await entry.page.load()
    if (isCurrent()) send({ type: 'pageOpened' })
  } catch (error) {
    if (!isCurrent()) return
    const type = error instanceof AccessError ? 'accessFailed' : 'engineFailed'
    send({ type, detail: messageOf(error) })
  }
}

export const createTasks = ({ clock, delays, pageOpener, recorder, notify, log }: TasksOptions): Tasks => {
  const entries = new Map<string, Entry>()
  let closed = false

  const send = (sid: string, input: TaskInput): void => {
    const entry = entries.get(sid)
    if (!entry || closed) return
    const wasLive = isLive(entry.task)
    const { task, actions } = step(entry.task, input, { now: clock.now(), delays })
    entry.task = task
    for (const action of actions) carryOut(entry, action)
    if (wasLive && !isLive(task)) {
      for (const resolve of entry.endedListeners.splice(0)) resolve()
      deleteOldestEnded()
    }
  }

  const carryOut = (entry: Entry, action: Action): void => {
    switch (action.type) {
      case 'startTimer':
        startTimer(entry, action.timer, action.delayMs)
        break
      case 'cancelTimers':
        cancelTimers(entry)
        break
      case 'loadPage':
        void loadPage(entry, pageOpener, (input) => send(entry.task.sid, input))
        break
      case 'closePage':
        // Not awaited: a page that does not close is closed with the browser.
        void entry.page?.close()
        break
      case 'startRecorder':
        entry.recorder?.start()
        break
      case 'pauseRecorder':
        entry.recorder?.pause()
        break
      case 'finishRecorder':
        entry.recorder?.finish()
        break
      case 'abortRecorder':
        entry.recorder?.abort()
        break
      case 'holdUpload':
        entry.recorder?.holdUpload(action.held)
        break
      case 'finishUpload':
        entry.recorder?.finishUpload()
        break
      case 'notify':
        notify(entry.task, action)
        break
      case 'log':
        log(entry.task, action.message)
        break
    }
  }

  const startTimer = (entry: Entry, timer: Timer, delayMs: number): void => {
    entry.timers.get(timer)?.()
    const cancel = clock.after(delayMs, () => {
      entry.timers.delete(timer)
      send(entry.task.sid, { type: 'timerFired', timer })
    })
    entry.timers.set(timer, cancel)
  }

  const deleteOldestEnded = (): void => {
    const ended = [...entries.values()].filter((entry) => !isLive(entry.task))
    for (const entry of ended.slice(0, -MAX_ENDED_TASKS)) entries.delete(entry.task.sid)
  }

  return {
    add: (task, target) => {
      const { sid } = task
      // Deferred: a recorder may report while an action is being carried out, and the actions after it come first.
      const onSignal = (signal: RecorderSignal) => queueMicrotask(() => send(sid, signal))
      entries.set(sid, {
        task,
        recorder: recorder?.record({ ...task, baseName: baseName(task), target }, onSignal),
        timers: new Map(),
        endedListeners: [],
      })
      send(sid, { type: 'started' })
    },
    get: (sid) => entries.get(sid)?.task,
    all: () => [...entries.values()].map((entry) => entry.task),
    live: () => [...entries.values()].map((entry) => entry.task).filter(isLive),
    send,
    page: (sid) => entries.get(sid)?.page,
    setTarget: (sid, target) => entries.get(sid)?.recorder?.setTarget(target),
    ended: (sid) =>
      new Promise((resolve) => {
        const entry = entries.get(sid)
        if (!entry || !isLive(entry.task)) return resolve()
        entry.endedListeners.push(resolve)
      }),
    close: () => {
      closed = true
      for (const entry of entries.values()) cancelTimers(entry)
    },
  }
}
