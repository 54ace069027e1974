import { setMaxListeners } from 'node:events'
import type { Hono } from 'hono'
import { createBrowserRecorder } from './browser/browserRecorder.ts'
import { noBrowser } from './browser/recorder.ts'
import { systemClock } from './clock.ts'
import { parseControl } from './control/controlError.ts'
import { runCommand } from './control/runCommand.ts'
import { createFaultBook } from './faults/faultBook.ts'
import { commandSchema, faultSchema } from './faults/faultSchema.ts'
import { createNotifier } from './notifications/notifier.ts'
import { createGateway } from './rest/gateway.ts'
import { createJournal } from './rest/journal.ts'
import { createPerform } from './rest/perform.ts'
import { createResources } from './rest/resources.ts'
import { type Carrier, createRestApp } from './rest/restApp.ts'
import { createTasks } from './task/tasks.ts'
import { viewTask } from './task/view.ts'
import type { EmulatorControls, EmulatorOptions } from './types.ts'

const SECONDS_IN_HOUR = 3600
const OPEN_DELAY = 5
const EXIT_DELAY = 0.5
const CONCURRENCY = 200
const QPS = 10

/** An emulator before anything carries requests to it. */
export interface Emulation {
  rest: Hono<{ Bindings: Carrier }>
  controls: EmulatorControls
  /** Ends every task without a word, and the browser. Calls that wait are let go. */
  close(): Promise<void>
}

export const createEmulation = (options: EmulatorOptions): Emulation => {
  const { appId, customerId, customerSecret, clock = systemClock } = options
  const log = options.log ?? (() => {})
  const withBrowser = options.browser ?? true
  const closed = new AbortController()
  const closing = closed.signal
  // Every waiting call and notification listens.
  setMaxListeners(0, closing)

  const faults = createFaultBook(clock)
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
    perform: createPerform(service, faults),
    done: (call) => log({ type: 'call', at: clock.now(), call }),
  })

  const controls: EmulatorControls = {
    notify: notifier.setTarget,
    tasks: () => tasks.all().map((task) => viewTask(task, clock.now())),
    requests: () => journal.list(),
    fault: (request) => {
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
    command: async (sid, command) =>
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
