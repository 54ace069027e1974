import type { Task, TaskInput } from '../task/task.ts'
import type { Tasks } from '../task/tasks.ts'
import type { EmulatorClock, TaskCommand } from '../types.ts'
import { ControlError } from './controlError.ts'

export interface CommandContext {
  tasks: Tasks
  clock: EmulatorClock
  /** Whether tasks have real pages. */
  browser: boolean
}

const livingTask = (tasks: Tasks, sid: string): Task => {
  const task = tasks.get(sid)
  if (!task) throw new ControlError(404, `no task has the sid ${sid}`)
  if (task.state === 'exiting' || task.state === 'ended') {
    throw new ControlError(409, `the task ${sid} has stopped already`)
  }
  return task
}

const requirePage = (task: Task): void => {
  if (task.page !== 'open' && task.page !== 'frozen') {
    throw new ControlError(409, `the task ${task.sid} has no living page: it is ${task.page}`)
  }
}

/**
 * Does to a task what the command says.
 * @throws {ControlError} 404 unknown sid, 409 a command that does not fit the task as it is
 */
export const runCommand = async (
  context: CommandContext,
  sid: string,
  command: TaskCommand,
): Promise<void> => {
  const { tasks, clock, browser } = context
  const task = livingTask(tasks, sid)
  const send = (happening: TaskInput) => tasks.send(sid, happening)
  switch (command.do) {
    case 'stop':
      return send({ is: 'stopAsked', code: command.code })
    case 'notFound':
      return send({ is: 'notFoundAsked', until: clock.now() + command.seconds * 1000 })
    case 'capabilityLimit':
      return send({ is: 'limitExceeded', limitType: command.limitType })
    case 'notifyReady':
      if (browser)
        throw new ControlError(409, 'notifyReady is called by the page itself, except without a browser')
      return send({ is: 'notifyReady' })
    case 'killPage':
      requirePage(task)
      await tasks.page(sid)?.crash()
      return send({ is: 'pageCrashed' })
    case 'freezePage':
      requirePage(task)
      await tasks.page(sid)?.freeze()
      return send({ is: 'pageFrozen' })
    case 'cutOffPage':
      requirePage(task)
      await tasks.page(sid)?.cutOff()
      return send({ is: 'pageCutOff' })
  }
}
