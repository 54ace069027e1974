import { createNanoEvents } from 'nanoevents'
import { browserEnvironment, type ProbeEnvironment } from './environment.ts'
import { guard, warn } from './guard.ts'
import type { Probe, ProbeEvents, ProbeOptions, ProbeState } from './probeTypes.ts'
import { type Emit, type Run, startRun } from './run.ts'
import { findToken } from './token.ts'

const DORMANT: ProbeState = {
  phase: 'dormant',
  sid: null,
  sending: false,
  notified: false,
  checks: [],
  media: [],
  warnings: [],
}

/** The probe of a page; see `index.ts`. */
export const createProbe = (
  options: ProbeOptions,
  environment: Partial<ProbeEnvironment> & Pick<ProbeEnvironment, 'loadWatch'>,
): Probe => {
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
    expect: guard((expectation) => run?.expect(expectation), tell),
    ready: guard(() => run?.ready(), tell),
    note: guard((data) => run?.note(data), tell),
    stop: guard(() => run?.stop(), tell),
    get state() {
      return run?.state ?? DORMANT
    },
  }
}
