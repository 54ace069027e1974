import type { CallView } from './calls.ts'
import type { ChannelCommand, TaskCommand } from './commands.ts'
import type { FaultRequest, FaultView } from './faults.ts'
import type { NotificationTarget } from './options.ts'
import type { ChannelView, TaskView } from './tasks.ts'

/** Controls an emulator and shows its state. The control API offers the same over HTTP. */
export interface EmulatorControls {
  /** All running tasks and the last 1000 that have ended, oldest first. */
  tasks(): TaskView[]
  /** The last 5000 REST calls, oldest first. */
  requests(): CallView[]
  /**
   * @throws {ControlError} if the request is not valid
   * @example
   * const emulator = createInProcessEmulator({ appId: 'app', customerId: 'id', customerSecret: 'secret' })
   * // The next two starts of class42 are answered 206/65.
   * emulator.injectFault({
   *   on: 'call',
   *   call: 'start',
   *   match: { cname: 'class42' },
   *   times: 2,
   *   then: { status: 206, code: 65, reason: 'request not completed' },
   * })
   */
  injectFault(request: FaultRequest): FaultView
  /** The faults that are still active, oldest first. */
  faults(): FaultView[]
  /** Removes one fault, or all without an id. Returns false if no fault has that id. */
  clearFaults(id?: string): boolean
  /** The channels whose users have been set, and those that have been recorded. */
  channels(): ChannelView[]
  /** @throws {ControlError} if the task is unknown or has stopped, or if the command does not apply to it */
  runCommand(sid: string, command: TaskCommand): Promise<void>
  /**
   * Changes who is in a channel, also before it is recorded.
   *
   * @throws {ControlError} if the command is not valid
   * @example
   * const emulator = createInProcessEmulator({ appId: 'app', customerId: 'id', customerSecret: 'secret' })
   * emulator.runChannelCommand('class42', { do: 'users', count: 2 })
   * emulator.channels() // => [{ cname: 'class42', users: ['1', '2'], tasks: [] }]
   */
  runChannelCommand(cname: string, command: ChannelCommand): void
  /** Changes where notifications are sent from now on; null sends none. */
  setNotificationTarget(target: NotificationTarget | null): void
}

/** Where the emulator answers in Agora's name. */
export interface EmulatorTls {
  port: number
  /** File with the certificate of the emulator's authority, for clients that add it to those that they know. */
  caFile: string
  /** File with the same and the public authorities, for clients that replace those that they know. */
  bundleFile: string
  /** A module for `node --import` that connects a Node program with the emulator instead of Agora. */
  nodeHookFile: string
}

/** An emulator with a server. */
export interface Emulator extends EmulatorControls {
  /** The base URL for clients, in place of `https://api.agora.io`. */
  url: string
  /** Base URL of the control API. */
  controlUrl: string
  /** Null without the option `tls`. */
  tls: EmulatorTls | null
  /** Ends all tasks without notifications, and closes the browser and the server. Never rejects; idempotent. */
  close(): Promise<void>
}

/** An emulator without a server. */
export interface InProcessEmulator extends EmulatorControls {
  /**
   * Treats every request as one to Agora, whatever its host. If a fault resets or closes the connection, rejects as
   * Node's own `fetch` does, with `ECONNRESET` as the cause; if a fault makes the call hang, rejects when the
   * request's signal aborts.
   */
  fetch: typeof fetch
  /** Ends all tasks without notifications, and closes the browser. */
  close(): Promise<void>
}
