import type { TaskEvent } from '../scenario/scenario.ts'
import type { VirtualTime } from '../virtualTime.ts'
import type { Agora, AgoraHooks } from './agora.ts'
import { applyChannelEvent } from './channelTaskEvents.ts'
import { LEAVE_CODE } from './channelTasks.ts'
import type { Task } from './task.ts'
import { backUp, endSession, failUploads, repairUploads } from './taskOutput.ts'

/** What may happen to tasks in the model of Agora. */
export interface TaskControl extends Pick<Agora, 'end' | 'reload' | 'endSession'> {
  time: VirtualTime
  hooks: AgoraHooks
  failOver(task: Task, options: { moved: boolean; forMs: number }): void
}

/** Injects an event into a running task. */
export const applyEvent = (
  world: Omit<TaskControl, 'failOver'>,
  task: Task,
  { event, forMs }: { event: TaskEvent; forMs: number },
): void => {
  const control: TaskControl = { ...world, failOver: (...args) => failOver(world, ...args) }
  if (task.channel && applyChannelEvent(control, task, { event, forMs })) return
  const { time, hooks, end, reload } = control
  switch (event.kind) {
    case 'stopped':
      end(task, { event: { eventType: 71, code: event.code } })
      break
    case 'capabilityLimit':
      hooks.onNotification(task, { eventType: 72, detail: 'WebGL' })
      end(task, { event: { eventType: 71, code: 2 } })
      break
    case 'reload':
      reload(task)
      break
    case 'exit':
      end(task, { status: 20 })
      hooks.onNotification(task, { eventType: 11, code: 1 })
      break
    case 'vanish':
      end(task, { status: event.status })
      break
    case 'failover':
      control.failOver(task, { moved: event.moved, forMs })
      break
    case 'unsettled':
      task.unsettledStatus = event.status
      time.after(forMs, () => {
        task.unsettledStatus = null
        if (event.ends) end(task, { status: 7 })
      })
      break
    case 'fatalError':
      hooks.onNotification(task, { eventType: 1, errorLevel: 5 })
      break
    case 'noFiles':
      task.hidesFiles = true
      if (event.ends) time.after(forMs, () => Object.assign(task, { hidesFiles: false }))
      break
    case 'uploadsFail':
      failUploads({ time, notify: hooks.onNotification }, task, event.first)
      if (event.ends) time.after(forMs, () => repairUploads(task))
      break
    case 'backUp':
      backUp(task)
      break
    // Agora refuses no update of a page.
    case 'refusesUpdates':
  }
}

/** Agora assigns the uids of new sessions: above those of all attempts. */
const FIRST_NEW_UID = 1_000_000_000

const failOver = (
  { time, hooks }: Pick<TaskControl, 'time' | 'hooks'>,
  task: Task,
  { moved, forMs }: { moved: boolean; forMs: number },
): void => {
  task.failingOverUntil = time.now() + forMs
  if (moved && task.channel === null) hooks.onReload(task, forMs)
  time.after(forMs, () => {
    if (task.failingOverUntil === null) return
    task.failingOverUntil = null
    if (!moved) return
    const newUid = String(Math.max(Number(task.notifiedUid), FIRST_NEW_UID) + 1_000_000)
    hooks.onNotification(task, { eventType: 12, newUid })
    // The replaced session may report its own end.
    if (task.channel) hooks.onNotification(task, { eventType: 41, leaveCode: LEAVE_CODE.signal })
    hooks.onNotification(task, { eventType: 11, code: 0 })
    endSession(task, hooks.onNotification)
    Object.assign(task, { notifiedUid: newUid, sequence: 0 })
    if (task.channel) hooks.onNotification(task, { eventType: 40 })
  })
}
