import type { VirtualTime } from '../virtualTime.ts'
import type { AgoraHooks, EndOptions } from './agora.ts'
import type { Channels, ChannelUser } from './channels.ts'
import type { Task } from './task.ts'
import { awaitFirstFile, endUploads } from './taskOutput.ts'

/** What only a task that records a channel has. */
export interface ChannelTask {
  mode: 'mix' | 'individual'
  /** Seconds. */
  maxIdleTime: number
  /** When Agora registers it for high availability (event 13), in milliseconds after the start; null: never. */
  haAfterMs: number | null
  /** Agora refuses updates of this task. */
  refusesUpdates: boolean
  /** What it has been started with, and updated to: the newest last. */
  layouts: string[]
  subscriptions: string[]
}

interface ChannelTaskControl {
  time: VirtualTime
  hooks: Pick<AgoraHooks, 'onNotification'>
  channels: Channels
  end(task: Task, options: EndOptions): void
}

/** Bits of event 41's leave code. */
export const LEAVE_CODE = { couldNotBegin: 0, signal: 2, noUsers: 4, onRequest: 16 } as const

/** A playlist is listed this long after the first stream, in milliseconds. */
const FIRST_FILE_MS = { mix: 15_000, individual: 60_000 }

/** How tasks that record channels run and end. */
export interface ChannelTasks {
  /** The task has just started. */
  begin(task: Task): void
  /** Agora ends the session normally: the recorder leaves, and the session and the uploads end. */
  endSession(task: Task, how: { leaveCode: number; status: 7 | 8 }): void
  /** A user has joined the channel that these tasks record, or left it. */
  onJoined(tasks: readonly Task[], user: ChannelUser): void
  onLeft(tasks: readonly Task[], user: ChannelUser): void
}

export const createChannelTasks = (control: ChannelTaskControl): ChannelTasks => {
  const { time, hooks, channels, end } = control

  const notifyStream = (task: Task, { uid, publishes }: ChannelUser, state: 0 | 1): void => {
    if (!publishes || task.ended !== null || task.failingOverUntil !== null || !isRecording(task)) return
    hooks.onNotification(task, { eventType: 43, streamUid: uid, state })
    hooks.onNotification(task, { eventType: 44, streamUid: uid, state })
    if (state === 1 || task.hasFiles) return
    hooks.onNotification(task, { eventType: 42 })
    if (task.channel) awaitFirstFile(time, task, FIRST_FILE_MS[task.channel.mode])
  }
  const isRecording = ({ startedAt }: Task): boolean => time.now() - startedAt >= CHANNEL_START_MS

  /** Ends the task once the channel has been empty for its `maxIdleTime`. */
  const watchIdle = (task: Task): void => {
    const idleMs = (task.channel?.maxIdleTime ?? 0) * 1000
    const idleSince = (): number | null => {
      const emptySince = channels.emptySince(task.cname)
      return emptySince === null ? null : Math.max(emptySince, task.startedAt)
    }
    const since = idleSince()
    if (since === null) return
    time.after(since + idleMs - time.now(), () => {
      const now = idleSince()
      if (now === null || time.now() - now < idleMs || task.ended !== null) return
      // Agora sends the bit for an empty channel alone, or with the one for a recorder that has left on request.
      const isEven = task.attempt % 2 === 0
      const leaveCode = isEven ? LEAVE_CODE.noUsers : LEAVE_CODE.noUsers | LEAVE_CODE.onRequest
      endSession(task, { leaveCode, status: isEven ? 8 : 7 })
    })
  }

  const endSession: ChannelTasks['endSession'] = (task, { leaveCode, status }) => {
    if (task.ended !== null) return
    end(task, { status })
    hooks.onNotification(task, { eventType: 41, leaveCode })
    hooks.onNotification(task, { eventType: 11, code: 0 })
    endUploads(time, task, hooks.onNotification)
  }

  return {
    begin: (task) => {
      time.after(CHANNEL_START_MS, () => {
        if (task.ended !== null) return
        hooks.onNotification(task, { eventType: 40 })
        for (const uid of channels.publishersIn(task.cname)) notifyStream(task, { uid, publishes: true }, 0)
      })
      const haAfterMs = task.channel?.haAfterMs ?? null
      if (haAfterMs !== null) {
        time.after(haAfterMs, () => {
          if (task.ended === null) hooks.onNotification(task, { eventType: 13 })
        })
      }
      watchIdle(task)
    },
    endSession,
    onJoined: (tasks, user) => {
      for (const task of tasks) notifyStream(task, user, 0)
    },
    onLeft: (tasks, user) => {
      for (const task of tasks) {
        notifyStream(task, user, 1)
        watchIdle(task)
      }
    },
  }
}

/** From the start to status 5, in milliseconds. */
const CHANNEL_START_MS = 4000
