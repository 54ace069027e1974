import type { RunningTask } from './runningTask.ts'
import { isLive } from './task.ts'

/** All tasks, oldest first. */
export interface Tasks {
  add(task: RunningTask): void
  get(sid: string): RunningTask | undefined
  /** All running tasks and the last ones that have ended. */
  all(): RunningTask[]
  /** Tasks that have not ended. */
  live(): RunningTask[]
  /** Cancels every timer. */
  close(): void
}

/** Number of ended tasks that are kept, for `tasks()`. */
const MAX_ENDED_TASKS = 1000

export const createTasks = (): Tasks => {
  const tasks = new Map<string, RunningTask>()

  const deleteOldestEnded = (): void => {
    const ended = [...tasks.values()].filter((task) => !isLive(task.facts()))
    for (const task of ended.slice(0, -MAX_ENDED_TASKS)) tasks.delete(task.facts().sid)
  }

  return {
    add: (task) => {
      tasks.set(task.facts().sid, task)
      void task.ended().then(deleteOldestEnded)
      task.send({ type: 'started' })
    },
    get: (sid) => tasks.get(sid),
    all: () => [...tasks.values()],
    live: () => [...tasks.values()].filter((task) => isLive(task.facts())),
    close: () => {
      for (const task of tasks.values()) task.close()
    },
  }
}
