import type { ChannelEnvironment } from '../task/channel/createChannelTask.ts'
import type { RunningTask } from '../task/runningTask.ts'
import type { TaskFacts } from '../task/task.ts'
import type { Tasks } from '../task/tasks.ts'
import type { WebEnvironment } from '../task/web/createWebTask.ts'
import type { Call, EmulatorClock, Mode } from '../types.ts'
import { ANSWERS, type Answer, otherChannel } from './answers.ts'
import type { Identity } from './requests/common.ts'
import type { Resources } from './resources.ts'
import type { CheckToken } from './tokens.ts'

/** Everything that the handlers of the calls use. */
export interface CallContext {
  clock: EmulatorClock
  tasks: Tasks
  resources: Resources
  /** Largest number of tasks that run at the same time. */
  concurrency: number
  /** Length of an hour of `maxRecordingHour` and `resourceExpiredHour`. */
  hourMs: number
  checkToken: CheckToken
  /** What tasks are created with. */
  environment: WebEnvironment & ChannelEnvironment
  /** Aborted when the emulator closes, so that waiting calls end. */
  closing: AbortSignal
}

/** A call that has passed the gateway. */
export interface IncomingCall {
  call: Call
  /** Null for `acquire`, which has none. */
  mode: Mode | null
  resourceId: string
  sid: string
  body: unknown
}

export type CallHandler = (context: CallContext, incoming: IncomingCall) => Answer | Promise<Answer>

/** Whether the task can be reached: it has not expired, and neither fails over nor is unreachable by command. */
const isReachable = ({ expiresAt, notFoundUntil }: TaskFacts, now: number): boolean =>
  now < expiresAt && now >= notFoundUntil

/** The task that a call is about, until it has ended for this long, or the 404 answer if it is not found. */
const findTask = (
  { tasks, clock }: CallContext,
  { sid, resourceId, mode }: IncomingCall,
  endedForMs: (task: RunningTask) => number,
): RunningTask | Answer => {
  const task = tasks.get(sid)
  if (!task) return ANSWERS.noTask
  const facts = task.facts()
  const now = clock.now()
  const isKnown = facts.endedAt === null || now < facts.endedAt + endedForMs(task)
  const isMeant = facts.resourceId === resourceId && facts.mode === mode
  return isMeant && isKnown && isReachable(facts, now) ? task : ANSWERS.noTask
}

/** The task that an update or a stop is about, or the 404 answer if it is not found. */
export const findRunningTask = (context: CallContext, incoming: IncomingCall): RunningTask | Answer =>
  findTask(context, incoming, () => 0)

/** The task that a query is about: also one that has just ended. */
export const findKnownTask = (context: CallContext, incoming: IncomingCall): RunningTask | Answer =>
  findTask(context, incoming, ({ queryableAfterEndMs }) => queryableAfterEndMs)

export const isAnswer = (value: object): value is Answer => 'body' in value

/** The answer to a request for another recording than the task's; null if it is the task's. */
export const refuseIdentity = (task: RunningTask, { cname, uid }: Identity): Answer | null => {
  const facts = task.facts()
  if (cname !== facts.cname) return otherChannel('cname is not that of the task')
  return uid === facts.uid ? null : otherChannel('uid is not that of the task')
}

/** The fields that the answers about a task begin with. */
export const identityOf = (task: RunningTask): Record<'cname' | 'uid' | 'resourceId' | 'sid', string> => {
  const { cname, uid, resourceId, sid } = task.facts()
  return { cname, uid, resourceId, sid }
}
