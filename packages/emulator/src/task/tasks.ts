import { AccessError, type PageSignal, type RecordedPage, type Recorder } from '../browser/recorder.ts'
import type { EmulatorClock, NotifiedEvent } from '../types.ts'
import { step } from './step.ts'
import type { Action, Delays, Task, TaskInput, Timer } from './task.ts'
import { isLive } from './task.ts'

export interface TasksOptions {
  clock: EmulatorClock
  delays: Delays
  recorder: Recorder
  notify: (task: Task, event: NotifiedEvent, sequence: number, details: Record<string, unknown>) => void
  tell: (task: Task, what: string) => void
}

/** All tasks: the thin part that carries out what `step` decides. */
export interface Tasks {
  add(task: Task): void
  get(sid: string): Task | undefined
  all(): Task[]
  live(): Task[]
  send(sid: string, happening: TaskInput): void
  page(sid: string): RecordedPage | undefined
  /** Resolves once the task has ended. */
  ended(sid: string): Promise<void>
  /** Drops every timer; pages are closed by closing the recorder. */
  close(): void
}

interface Entry {
  task: Task
  page?: RecordedPage
  timers: Map<Timer, () => void>
  whenEnded: (() => void)[]
}

/** Ended tasks that are remembered, for `tasks()`. */
const ENDED_KEPT = 1000

const NEWS: Record<PageSignal, TaskInput> = {
  navigating: { is: 'pageLoading' },
  notifyReady: { is: 'notifyReady' },
  crashed: { is: 'pageCrashed' },
  browserDied: { is: 'browserDied' },
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export const createTasks = ({ clock, delays, recorder, notify, tell }: TasksOptions): Tasks => {
  const entries = new Map<string, Entry>()
  let closed = false

  const send = (sid: string, happening: TaskInput): void => {
    const entry = entries.get(sid)
    if (!entry || closed) return
    const wasLive = isLive(entry.task)
    const { task, effects } = step(entry.task, happening, clock.now(), delays)
    entry.task = task
    for (const effect of effects) carryOut(entry, effect)
    if (wasLive && !isLive(task)) {
      for (const resolve of entry.whenEnded.splice(0)) resolve()
      forgetOldest()
    }
  }

  const carryOut = (entry: Entry, effect: Action): void => {
    switch (effect.do) {
      case 'arm':
        arm(entry, effect.timer, effect.delayMs)
        break
      case 'disarm':
        disarm(entry)
        break
      case 'loadPage':
        void loadPage(entry)
        break
      case 'closePage':
        // Nobody waits for it: a page that does not close ends with the browser.
        void entry.page?.close()
        break
      case 'notify':
        notify(entry.task, effect.event, effect.sequence, effect.details)
        break
      case 'tell':
        tell(entry.task, effect.what)
        break
    }
  }

  const arm = (entry: Entry, timer: Timer, delayMs: number): void => {
    entry.timers.get(timer)?.()
    const cancel = clock.after(delayMs, () => {
      entry.timers.delete(timer)
      send(entry.task.sid, { is: 'due', timer })
    })
    entry.timers.set(timer, cancel)
  }

  const disarm = (entry: Entry): void => {
    for (const cancel of entry.timers.values()) cancel()
    entry.timers.clear()
  }

  const loadPage = async (entry: Entry): Promise<void> => {
    const { sid } = entry.task
    entry.page ??= recorder.createPage(entry.task, (news) => send(sid, NEWS[news]))
    // A reload takes the place of a load that is still under way, whose outcome then counts for nothing.
    const { reloads } = entry.task
    const current = () => entry.task.reloads === reloads
    try {
      await entry.page.load()
      if (current()) send(sid, { is: 'pageOpened' })
    } catch (error) {
      if (!current()) return
      const is = error instanceof AccessError ? 'accessFailed' : 'engineFailed'
      send(sid, { is, detail: messageOf(error) })
    }
  }

  const forgetOldest = (): void => {
    const ended = [...entries.values()].filter((entry) => !isLive(entry.task))
    for (const entry of ended.slice(0, -ENDED_KEPT)) entries.delete(entry.task.sid)
  }

  return {
    add: (task) => {
      entries.set(task.sid, { task, timers: new Map(), whenEnded: [] })
      send(task.sid, { is: 'started' })
    },
    get: (sid) => entries.get(sid)?.task,
    all: () => [...entries.values()].map((entry) => entry.task),
    live: () => [...entries.values()].map((entry) => entry.task).filter(isLive),
    send,
    page: (sid) => entries.get(sid)?.page,
    ended: (sid) =>
      new Promise((resolve) => {
        const entry = entries.get(sid)
        if (!entry || !isLive(entry.task)) return resolve()
        entry.whenEnded.push(resolve)
      }),
    close: () => {
      closed = true
      for (const entry of entries.values()) disarm(entry)
    },
  }
}
