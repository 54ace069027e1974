import { setMaxListeners } from 'node:events'
import type { Hono } from 'hono'
import { createBrowserPageOpener } from './browser/browserPageOpener.ts'
import { noBrowser, type PageOpener } from './browser/pageOpener.ts'
import { systemClock } from './clock.ts'
import { channelCommandSchema, commandSchema } from './control/commandSchema.ts'
import { parseControl } from './control/controlError.ts'
import { runChannelCommand, runCommand } from './control/runCommand.ts'
import { createFaultRegistry, type FaultRegistry } from './faults/faultRegistry.ts'
import { faultSchema } from './faults/faultSchema.ts'
import { createNotifier } from './notifications/notifier.ts'
import { createRecorder } from './recorder/createRecorder.ts'
import { RecorderSetupError } from './recorder/recorder.ts'
import { createGateway } from './rest/gateway.ts'
import { createJournal } from './rest/journal.ts'
import { createPerformCall } from './rest/performCall.ts'
import { createResources } from './rest/resources.ts'
import { type Connection, createRestApp } from './rest/restApp.ts'
import { createTokenCheck } from './rest/tokens.ts'
import { type Channels, createChannels } from './task/channel/channels.ts'
import type { Delays, TaskFacts } from './task/task.ts'
import { createTasks, type Tasks } from './task/tasks.ts'
import type {
  ChannelView,
  EmulatorClock,
  EmulatorControls,
  EmulatorLogEntry,
  EmulatorOptions,
} from './types.ts'

const SECONDS_IN_HOUR = 3600
const OPEN_DELAY = 5
const EXIT_DELAY = 0.5
/** Agora's limits: https://docs.agora.io/en/cloud-recording/best-practices/webpage-best-practices */
const CONCURRENCY = 200
const QPS = 10

/** The emulator without a transport: `startEmulator` adds a server, `createInProcessEmulator` a `fetch`. */
export interface EmulatorCore {
  rest: Hono<{ Bindings: Connection }>
  controls: EmulatorControls
  /** Ends all tasks without notifications, completes their files, and closes the browser. Calls that are waiting end. */
  close(): Promise<void>
}

type Log = (entry: EmulatorLogEntry) => void

const delaysOf = ({ openDelay, exitDelay, fileDelay }: EmulatorOptions, withBrowser: boolean): Delays => ({
  openDelayMs: (openDelay ?? (withBrowser ? OPEN_DELAY : 0)) * 1000,
  exitDelayMs: (exitDelay ?? EXIT_DELAY) * 1000,
  fileDelayMs: fileDelay === undefined ? null : fileDelay * 1000,
})

const createPageOpener = (withBrowser: boolean, clock: EmulatorClock, log: Log): PageOpener =>
  withBrowser
    ? createBrowserPageOpener((message) => log({ type: 'browser', at: clock.now(), message }))
    : noBrowser

/** @throws {RecorderSetupError} if recording cannot begin on this machine */
const createRecorderOf = ({ record }: EmulatorOptions, withBrowser: boolean, clock: EmulatorClock) => {
  if (!record) return null
  if (!withBrowser)
    throw new RecorderSetupError(
      'recordings show the pages of a browser: leave out --no-browser, or --record.',
    )
  return createRecorder(record, clock)
}

const createFaultControls = (
  faults: FaultRegistry,
  clock: EmulatorClock,
  log: Log,
): Pick<EmulatorControls, 'injectFault' | 'faults' | 'clearFaults'> => ({
  injectFault: (request) => {
    const fault = faults.add(parseControl(faultSchema, request))
    log({ type: 'fault', at: clock.now(), change: 'created', fault })
    return fault
  },
  faults: () => faults.list(),
  clearFaults: (id) => {
    const matching = faults.list().filter((fault) => id === undefined || fault.id === id)
    const removed = faults.remove(id)
    for (const fault of matching) log({ type: 'fault', at: clock.now(), change: 'removed', fault })
    return removed
  },
})

const viewChannels = (channels: Channels, tasks: Tasks): ChannelView[] => {
  const live = tasks.live()
  return channels.names().map((cname) => ({
    cname,
    users: [...channels.usersOf(cname)],
    tasks: live.filter(({ channel }) => channel === cname).map((task) => task.facts().sid),
  }))
}

/**
 * @throws {RecorderSetupError} if recordings are to be written, and cannot be on this machine
 * @throws {TypeError} if the App Certificate or the App ID cannot be in a token
 */
export const createEmulatorCore = (options: EmulatorOptions): EmulatorCore => {
  const { appId, customerId, customerSecret, clock = systemClock, log = () => {} } = options
  const withBrowser = options.browser ?? true
  const controller = new AbortController()
  const closing = controller.signal
  // Every waiting call and notification adds a listener.
  setMaxListeners(0, closing)

  const faults = createFaultRegistry(clock)
  const journal = createJournal()
  const notifier = createNotifier({ clock, faults, target: options.notifications ?? null, log, closing })
  const recorder = createRecorderOf(options, withBrowser, clock)
  const pageOpener = createPageOpener(withBrowser, clock, log)
  const tasks = createTasks()
  const channels = createChannels(options.users ?? 0)
  const callContext = {
    clock,
    tasks,
    closing,
    resources: createResources(clock),
    concurrency: options.concurrency ?? CONCURRENCY,
    hourMs: (options.hourSeconds ?? SECONDS_IN_HOUR) * 1000,
    checkToken: createTokenCheck({ appId, appCertificate: options.appCertificate, clock }),
    environment: {
      clock,
      pageOpener,
      browser: withBrowser,
      recorder,
      channels,
      delays: delaysOf(options, withBrowser),
      notify: notifier.send,
      log: ({ sid, cname, uid }: TaskFacts, message: string) =>
        log({ type: 'task', at: clock.now(), sid, cname, uid, message }),
    },
  }
  const qps = options.qps === undefined ? QPS : options.qps
  const rest = createRestApp({
    clock,
    tasks,
    journal,
    closing,
    gateway: createGateway({ clock, appId, customerId, customerSecret, qps }),
    performCall: createPerformCall(callContext, faults),
    onCall: (call) => log({ type: 'call', at: clock.now(), call }),
  })

  const controls: EmulatorControls = {
    ...createFaultControls(faults, clock, log),
    tasks: () => tasks.all().map((task) => task.view()),
    requests: () => journal.list(),
    channels: () => viewChannels(channels, tasks),
    runCommand: async (sid, command) =>
      runCommand({ tasks, channels, clock }, sid, parseControl(commandSchema, command)),
    runChannelCommand: (cname, command) =>
      runChannelCommand(channels, cname, parseControl(channelCommandSchema, command)),
    setNotificationTarget: notifier.setTarget,
  }

  return {
    rest,
    controls,
    close: async () => {
      tasks.close()
      controller.abort()
      await Promise.all([recorder?.close(), pageOpener.close()])
    },
  }
}
