import type { Task } from '../task/task.ts'
import type { Tasks } from '../task/tasks.ts'
import type { Call, EmulatorClock } from '../types.ts'
import { ANSWERS, type Answer } from './answers.ts'
import type { Resources } from './resources.ts'

/** Everything that the handlers of the calls use. */
export interface CallContext {
  clock: EmulatorClock
  tasks: Tasks
  resources: Resources
  /** Largest number of tasks that run at the same time. */
  concurrency: number
  /** Length of an hour of `maxRecordingHour` and `resourceExpiredHour`. */
  hourMs: number
  /** Whether tasks write files. */
  records: boolean
  /** Aborted when the emulator closes, so that waiting calls end. */
  closing: AbortSignal
}

/** A call that has passed the gateway. */
export interface IncomingCall {
  call: Call
  resourceId: string
  sid: string
  body: unknown
}

export type CallHandler = (context: CallContext, incoming: IncomingCall) => Answer | Promise<Answer>

/** The task that a query, update or stop is about, or the 404 answer if it is not found. */
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
