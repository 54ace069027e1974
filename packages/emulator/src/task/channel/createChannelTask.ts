import { createMachine, type Machine, type TaskEnvironment } from '../machine.ts'
import type { RunningTask } from '../runningTask.ts'
import { channelFiles, fileListOf } from './channelFiles.ts'
import { channelStep } from './channelStep.ts'
import type { Channels } from './channels.ts'
import { type ChannelInput, type ChannelTask, type ChannelTimer, hasFailed } from './channelTask.ts'
import { channelStatus, viewChannelTask } from './channelView.ts'

/** What the tasks of channels need from the emulator. */
export interface ChannelEnvironment extends TaskEnvironment {
  channels: Channels
}

/** A task of a channel, for the requests that change it. */
export interface ChannelTaskControls {
  task(): ChannelTask
  send(input: ChannelInput): void
}

export interface CreatedChannelTask extends ChannelTaskControls {
  running: Omit<RunningTask, 'readUpdate' | 'readLayout'>
}

/** How long query says that a task has exited before it knows it no more; Agora documents no time. */
const QUERYABLE_AFTER_END_MS = 30_000

export const createChannelTask = (
  initial: ChannelTask,
  environment: ChannelEnvironment,
): CreatedChannelTask => {
  const { clock, channels } = environment
  const machine: Machine<ChannelTask, ChannelInput> = createMachine<ChannelTask, ChannelInput, never>(
    initial,
    {
      step: channelStep,
      carryOut: () => {},
      timerFired: (timer) => ({ type: 'timerFired', timer: timer as ChannelTimer }),
    },
    environment,
  )
  const { task, send } = machine
  const unwatch = channels.watch(initial.cname, (users) => send({ type: 'usersChanged', users }))
  void machine.ended().then(unwatch)

  return {
    task,
    send,
    running: {
      facts: task,
      view: () => viewChannelTask(task(), clock.now()),
      send,
      ended: machine.ended,
      close: machine.close,
      stop: (code) => send({ type: 'stopRequested', code }),
      refuseStopCode: (code) =>
        code === 0 || code === 6 ? null : `code ${code} is about a page; a channel has 0 and 6`,
      refuseFailover: () => null,
      commandPage: null,
      channel: initial.cname,
      status: () => channelStatus(task()),
      queried: () => {
        const { recordingAt, recordsFiles } = task()
        const sliceStartTime = recordsFiles && recordingAt !== null ? { sliceStartTime: recordingAt } : {}
        return { ...fileListOf(task(), clock.now()), ...sliceStartTime }
      },
      stopped: (uploadingStatus) => ({ ...fileListOf(task(), clock.now()), uploadingStatus }),
      queryableAfterEndMs: QUERYABLE_AFTER_END_MS,
      hasRecorded: () => task().recordingAt !== null,
      hasFiles: () => channelFiles(task(), clock.now()).length > 0 || task().snapshots > 0,
      hasFailed: () => hasFailed(task()),
      uploads: () => task().uploads,
    },
  }
}
