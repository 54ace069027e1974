import type { Task, TaskInput } from '../task/task.ts'
import type { Tasks } from '../task/tasks.ts'
import type { EmulatorClock, TaskCommand } from '../types.ts'
import { ControlError } from './controlError.ts'

export interface CommandContext {
  tasks: Tasks
  clock: EmulatorClock
  /** Whether tasks have pages in a browser. */
  browser: boolean
}

const runningTaskOrThrow = (tasks: Tasks, sid: string): Task => {
  const task = tasks.get(sid)
  if (!task) throw new ControlError(404, `No task has the sid ${sid}`)
  if (task.state === 'exiting' || task.state === 'ended') {
    throw new ControlError(409, `Task ${sid} has already stopped`)
  }
  return task
}

const requirePage = (task: Task): void => {
  if (task.page !== 'open' && task.page !== 'frozen') {
    throw new ControlError(409, `Task ${task.sid} has no running page: its page is "${task.page}"`)
  }
}

/**
 * Carries out a command on a task.
 *
 * @throws {ControlError} 404 if the sid is unknown, 409 if the task has stopped or the command does not apply to it
 */
export const runCommand = async (
  { tasks, clock, browser }: CommandContext,
  sid: string,
  command: TaskCommand,
): Promise<void> => {
  const task = runningTaskOrThrow(tasks, sid)
  const send = (input: TaskInput) => tasks.send(sid, input)
  switch (command.do) {
    case 'stop':
      return send({ type: 'stopRequested', code: command.code })
    case 'notFound':
      return send({ type: 'notFoundRequested', until: clock.now() + command.seconds * 1000 })
    case 'capabilityLimit':
      return send({ type: 'limitExceeded', limitType: command.limitType })
    case 'uploads':
      return send({ type: 'uploadsChanged', uploads: command.as })
    case 'notifyReady':
      if (browser) throw new ControlError(409, 'notifyReady works only without a browser (--no-browser)')
      return send({ type: 'notifyReady' })
    case 'killPage':
      requirePage(task)
      await tasks.page(sid)?.crash()
      return send({ type: 'pageCrashed' })
    case 'freezePage':
      requirePage(task)
      await tasks.page(sid)?.freeze()
      return send({ type: 'pageFrozen' })
    case 'cutOffPage':
      requirePage(task)
      await tasks.page(sid)?.cutOff()
      return send({ type: 'pageCutOff' })
  }
}
