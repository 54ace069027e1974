import type { Task } from '../task/task.ts'
import type { Tasks } from '../task/tasks.ts'
import type { Call, EmulatorClock } from '../types.ts'
import { ANSWERS, type Answer } from './answers.ts'
import type { Resources } from './resources.ts'

/** What the handlers of the calls work on. */
export interface CallContext {
  clock: EmulatorClock
  tasks: Tasks
  resources: Resources
  concurrency: number
  hourMs: number
  /** Aborted when the emulator closes: nobody waits any longer. */
  closing: AbortSignal
}

/** A call that passed the gateway. */
export interface IncomingCall {
  call: Call
  resourceId: string
  sid: string
  body: unknown
}

export type CallHandler = (service: CallContext, incoming: IncomingCall) => Answer | Promise<Answer>

/** The task a query, update or stop is about, or the 404 that says there is none. */
export const findTask = ({ tasks, clock }: CallContext, { sid, resourceId }: IncomingCall): Task | Answer => {
  const task = tasks.get(sid)
  const now = clock.now()
  const found =
    task?.resourceId === resourceId &&
    task.state !== 'ended' &&
    now < task.expiresAt &&
    now >= task.notFoundUntil
  return found ? task : ANSWERS.noTask
}

export const isAnswer = (value: Task | Answer): value is Answer => 'body' in value
