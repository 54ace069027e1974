import type { Call, ChannelTaskView, EmulatorOptions } from '../types.ts'
import {
  APP_PATH,
  createTestBench,
  STORAGE,
  type StartedTask,
  startedTask,
  type TestAnswer,
  type TestBench,
} from './client.ts'

export type ChannelMode = 'individual' | 'mix'

export interface ChannelChanges {
  mode?: ChannelMode
  cname?: string
  uid?: string
  /** Overrides fields of `recordingConfig`. */
  config?: Record<string, unknown>
  /** Overrides fields of `clientRequest`. */
  request?: Record<string, unknown>
  /** Overrides fields of the `clientRequest` of acquire. */
  acquire?: Record<string, unknown>
}

export interface StartedChannelTask extends StartedTask {
  mode: ChannelMode
}

export interface ChannelBench extends Omit<TestBench, 'acquire' | 'start' | 'run' | 'on'> {
  acquire(changes?: ChannelChanges): Promise<TestAnswer>
  start(resourceId: string, changes?: ChannelChanges): Promise<TestAnswer>
  /** Acquires, starts and joins the channel `room`; throws if one of them fails. */
  run(changes?: ChannelChanges): Promise<StartedChannelTask>
  on(
    task: StartedChannelTask,
    call: Exclude<Call, 'acquire' | 'start'>,
    clientRequest?: Record<string, unknown>,
  ): Promise<TestAnswer>
  /** Makes a call that takes a moment of the emulator's time. */
  change(
    task: StartedChannelTask,
    call: 'update' | 'updateLayout',
    clientRequest: Record<string, unknown>,
  ): Promise<TestAnswer>
  /** How many users are in `room`. */
  users(count: number): void
  view(task: StartedTask): ChannelTaskView
}

/** The `clientRequest` of a start. */
export const channelRequest = ({ config, request }: ChannelChanges = {}): Record<string, unknown> => ({
  storageConfig: { ...STORAGE, fileNamePrefix: ['lessons'] },
  recordingConfig: { channelType: 0, maxIdleTime: 300, ...config },
  ...request,
})

/** An emulator without a browser, with a fake clock, and the calls of a client that records channels. */
export const createChannelBench = async (options: Partial<EmulatorOptions> = {}): Promise<ChannelBench> => {
  const { emulator, clock, call, on } = await createTestBench(options)

  const acquire: ChannelBench['acquire'] = ({ cname = 'room', uid = '900001', acquire: changes } = {}) =>
    call('POST', `${APP_PATH}/acquire`, { cname, uid, clientRequest: { scene: 0, ...changes } })

  const start: ChannelBench['start'] = (resourceId, changes = {}) =>
    call('POST', `${APP_PATH}/resourceid/${resourceId}/mode/${changes.mode ?? 'mix'}/start`, {
      cname: changes.cname ?? 'room',
      uid: changes.uid ?? '900001',
      clientRequest: channelRequest(changes),
    })

  return {
    emulator,
    clock,
    call,
    acquire,
    start,
    on,
    run: async (changes = {}) => {
      const acquired = await acquire(changes)
      const task = startedTask(await start(String(acquired.body.resourceId), changes))
      await clock.advance(0)
      return { ...task, mode: changes.mode ?? 'mix' }
    },
    change: async (task, name, clientRequest) => {
      const known = emulator.requests().length
      const answer = on(task, name, clientRequest)
      while (emulator.requests().length === known) await new Promise((resolve) => setImmediate(resolve))
      await clock.advance(1)
      return answer
    },
    users: (count) => emulator.runChannelCommand('room', { do: 'users', count }),
    view: ({ sid }) => {
      const found = emulator.tasks().find((task) => task.sid === sid)
      if (!found || found.mode === 'web') throw new Error(`no channel task ${sid}`)
      return found
    },
  }
}
