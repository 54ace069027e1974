import type { Channels } from '../task/channel/channels.ts'
import type { RunningTask } from '../task/runningTask.ts'
import { isRunning } from '../task/task.ts'
import type { Tasks } from '../task/tasks.ts'
import type {
  ChannelCommand,
  EmulatorClock,
  FailoverCommand,
  NotifyCommand,
  StopCode,
  TaskCommand,
} from '../types.ts'
import { ControlError } from './controlError.ts'

export interface CommandContext {
  tasks: Tasks
  channels: Channels
  clock: EmulatorClock
}

const FAILOVER_SECONDS = 30

/** Uids of servers that take over; Agora's are large as well. */
const FIRST_NEW_UID = 4_000_000_000
const NEW_UIDS = 200_000_000

const taskOrThrow = (tasks: Tasks, sid: string): RunningTask => {
  const task = tasks.get(sid)
  if (!task) throw new ControlError(404, `No task has the sid ${sid}`)
  return task
}

const requireRunning = (task: RunningTask): void => {
  const facts = task.facts()
  if (!isRunning(facts)) throw new ControlError(409, `Task ${facts.sid} has already stopped`)
}

/** @throws {ControlError} 409 if there is a reason for which the command does not apply */
const requireNone = (refusal: string | null): void => {
  if (refusal !== null) throw new ControlError(409, refusal)
}

const stopTask = (task: RunningTask, code: StopCode): void => {
  requireNone(task.refuseStopCode(code))
  task.stop(code)
}

const failOver = (task: RunningTask, command: FailoverCommand): void => {
  requireNone(task.refuseFailover())
  const { session, uid } = task.facts()
  if (session.next !== null) throw new ControlError(409, 'Another server is taking over already')
  const { seconds = FAILOVER_SECONDS, former = 'silent' } = command
  const newUid = command.newUid ?? String(FIRST_NEW_UID + ((Number(uid) + session.failovers) % NEW_UIDS))
  task.send({ type: 'failoverRequested', delayMs: seconds * 1000, failover: { newUid, former } })
}

const sendNotification = (task: RunningTask, command: NotifyCommand): void => {
  const { event, details = {}, uid, redundant = false } = command
  task.send({ type: 'notifyRequested', notification: { event, details, uid, redundant } })
}

/** Changes who is in a channel. */
export const runChannelCommand = (channels: Channels, cname: string, command: ChannelCommand): void => {
  if ('uids' in command && command.uids !== undefined) channels.setUsers(cname, command.uids)
  else if ('count' in command) channels.setCount(cname, command.count)
}

/**
 * Carries out a command on a task.
 *
 * @throws {ControlError} 404 if the sid is unknown, 409 if the task has stopped or the command does not apply to it
 */
export const runCommand = async (
  { tasks, channels, clock }: CommandContext,
  sid: string,
  command: TaskCommand,
): Promise<void> => {
  const task = taskOrThrow(tasks, sid)
  if (command.do === 'notify') return sendNotification(task, command)
  requireRunning(task)
  switch (command.do) {
    case 'stop':
      return stopTask(task, command.code)
    case 'notFound':
      return task.send({ type: 'notFoundRequested', until: clock.now() + command.seconds * 1000 })
    case 'uploads':
      return task.send({ type: 'uploadsChanged', uploads: command.as })
    case 'failover':
      return failOver(task, command)
    case 'users':
      if (task.channel === null) throw new ControlError(409, `Task ${sid} records a page, which has no users`)
      return runChannelCommand(channels, task.channel, command)
    default:
      if (task.commandPage === null)
        throw new ControlError(409, `Task ${sid} records a channel: it has no page`)
      return task.commandPage(command)
  }
}
