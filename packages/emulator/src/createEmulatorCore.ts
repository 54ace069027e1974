import { setMaxListeners } from 'node:events'
import type { Hono } from 'hono'
import { createBrowserRecorder } from './browser/browserRecorder.ts'
import { noBrowser } from './browser/recorder.ts'
import { systemClock } from './clock.ts'
import { commandSchema } from './control/commandSchema.ts'
import { parseControl } from './control/controlError.ts'
import { runCommand } from './control/runCommand.ts'
import { createFaultRegistry } from './faults/faultRegistry.ts'
import { faultSchema } from './faults/faultSchema.ts'
import { createNotifier } from './notifications/notifier.ts'
import { createGateway } from './rest/gateway.ts'
import { createJournal } from './rest/journal.ts'
import { createPerformCall } from './rest/performCall.ts'
import { createResources } from './rest/resources.ts'
import { type Connection, createRestApp } from './rest/restApp.ts'
import { createTasks } from './task/tasks.ts'
import { viewTask } from './task/taskView.ts'
import type { EmulatorControls, EmulatorOptions } from './types.ts'

const SECONDS_IN_HOUR = 3600
const OPEN_DELAY = 5
const EXIT_DELAY = 0.5
const CONCURRENCY = 200
const QPS = 10

/** An emulator before anything carries requests to it. */
export interface EmulatorCore {
  rest: Hono<{ Bindings: Connection }>
  controls: EmulatorControls
  /** Ends every task without a word, and the browser. Calls that wait are let go. */
  close(): Promise<void>
}

export const createEmulatorCore = (options: EmulatorOptions): EmulatorCore => {
  const { appId, customerId, customerSecret, clock = systemClock } = options
  const log = options.log ?? (() => {})
  const withBrowser = options.browser ?? true
  const closed = new AbortController()
  const closing = closed.signal
  // Every waiting call and notification listens.
  setMaxListeners(0, closing)

  const faults = createFaultRegistry(clock)
  const journal = createJournal()
  const notifier = createNotifier({ clock, faults, target: options.notifications ?? null, log, closing })
  const recorder = withBrowser
    ? createBrowserRecorder((what) => log({ type: 'browser', at: clock.now(), what }))
    : noBrowser
  const tasks = createTasks({
    clock,
    recorder,
    delays: {
      openDelayMs: (options.openDelay ?? (withBrowser ? OPEN_DELAY : 0)) * 1000,
      exitDelayMs: (options.exitDelay ?? EXIT_DELAY) * 1000,
    },
    notify: notifier.send,
    tell: ({ sid, cname, uid }, what) => log({ type: 'task', at: clock.now(), sid, cname, uid, what }),
  })
  const service = {
    clock,
    tasks,
    closing,
    resources: createResources(clock),
    concurrency: options.concurrency ?? CONCURRENCY,
    hourMs: (options.hourSeconds ?? SECONDS_IN_HOUR) * 1000,
  }
  const rest = createRestApp({
    clock,
    tasks,
    journal,
    closing,
    gateway: createGateway({
      clock,
      appId,
      customerId,
      customerSecret,
      qps: options.qps === undefined ? QPS : options.qps,
    }),
    perform: createPerformCall(service, faults),
    done: (call) => log({ type: 'call', at: clock.now(), call }),
  })

  const controls: EmulatorControls = {
    setNotificationTarget: notifier.setTarget,
    tasks: () => tasks.all().map((task) => viewTask(task, clock.now())),
    requests: () => journal.list(),
    injectFault: (request) => {
      const fault = faults.add(parseControl(faultSchema, request))
      log({ type: 'fault', at: clock.now(), what: 'created', fault })
      return fault
    },
    faults: () => faults.list(),
    clearFaults: (id) => {
      const gone = faults.list().filter((fault) => id === undefined || fault.id === id)
      const removed = faults.remove(id)
      for (const fault of gone) log({ type: 'fault', at: clock.now(), what: 'removed', fault })
      return removed
    },
    runCommand: async (sid, command) =>
      runCommand({ tasks, clock, browser: withBrowser }, sid, parseControl(commandSchema, command)),
  }

  return {
    rest,
    controls,
    close: async () => {
      tasks.close()
      closed.abort()
      await recorder.close()
    },
  }
}
