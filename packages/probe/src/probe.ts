import { createNanoEvents } from 'nanoevents'
import { browserEnvironment, type ProbeEnvironment } from './environment.ts'
import { guard, warn } from './guard.ts'
import type { Probe, ProbeEvents, ProbeOptions, ProbeState } from './probe-types.ts'
import { type Emit, type Run, startRun } from './run.ts'
import { findToken } from './token.ts'

const DORMANT: ProbeState = {
  phase: 'dormant',
  sid: null,
  sending: false,
  notified: false,
  checks: [],
  media: [],
}

/**
 * Watches the page and reports to the reporter, if the page is being recorded: without a token it does nothing,
 * and every call on it is harmless. It never throws; what goes wrong is told by the `error` event and the console.
 *
 * @param environment replaces parts of the browser, for tests
 * @example
 * const probe = createProbe({ endpoint: 'https://reporter.example.com', expect: ['#board'] })
 * probe.on('check', ({ name, ok, detail }) => console.log(name, ok, detail))
 */
export const createProbe = (options: ProbeOptions, environment: Partial<ProbeEnvironment> = {}): Probe => {
  const events = createNanoEvents<ProbeEvents>()
  const emit: Emit = (event, ...args) => {
    if (event === 'error') warn(args[0])
    events.emit(event, ...args)
  }
  const tell = (fault: unknown) => emit('error', fault instanceof Error ? fault : new Error(String(fault)))

  let run: Run | undefined
  guard(() => {
    // Imported on a server, there is no page to watch.
    const view = environment.window ?? globalThis.window
    const token = view && (options.token || findToken(view))
    if (token) run = startRun(options, token, { ...browserEnvironment(view), ...environment }, emit, tell)
  }, tell)()

  return {
    // nanoevents stops at a listener that throws, so none may.
    on: (event, listener) => events.on(event, guard(listener as (...args: unknown[]) => void)),
    note: guard((data) => run?.note(data), tell),
    stop: guard(() => run?.stop(), tell),
    get state() {
      return run?.state ?? DORMANT
    },
  }
}
