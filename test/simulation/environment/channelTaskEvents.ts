import type { TaskEvent } from '../scenario/scenario.ts'
import { LEAVE_CODE } from './channelTasks.ts'
import type { Task } from './task.ts'
import type { TaskControl } from './taskEvents.ts'

/**
 * Injects an event into a task that records a channel. Events that only pages have stand for what comes closest: a stop of
 * the page's recorder for one of the channel's, a reload for a server that is lost.
 * @returns whether it did; the events that all tasks have are left
 */
export const applyChannelEvent = (
  control: TaskControl,
  task: Task,
  { event, forMs }: { event: TaskEvent; forMs: number },
): boolean => {
  const { time, hooks, end, endSession, failOver } = control
  switch (event.kind) {
    case 'stopped':
      // Somebody stops the task at Agora, or its recorder breaks.
      if (event.code === 0) endSession(task, { leaveCode: LEAVE_CODE.onRequest, status: 7 })
      else {
        end(task, { status: 20 })
        hooks.onNotification(task, { eventType: 11, code: 1 })
      }
      return true
    case 'capabilityLimit':
      end(task, { status: 20 })
      hooks.onNotification(task, { eventType: 41, leaveCode: LEAVE_CODE.couldNotBegin })
      hooks.onNotification(task, { eventType: 11, code: 1 })
      return true
    case 'reload':
      failOver(task, { moved: true, forMs })
      return true
    case 'refusesUpdates':
      if (task.channel === null) return true
      task.channel.refusesUpdates = true
      time.after(forMs, () => task.channel && Object.assign(task.channel, { refusesUpdates: false }))
      return true
    default:
      return false
  }
}
