import { createNanoEvents } from 'nanoevents'
import { browserEnvironment, type ProbeEnvironment } from './environment.ts'
import { guard, warn } from './guard.ts'
import type { Probe, ProbeEvents, ProbeOptions, ProbeState } from './probeTypes.ts'
import { type Emit, type Run, startRun } from './run.ts'
import { textOf } from './textOf.ts'
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
  const onInternalError = (fault: unknown) =>
    emit('error', fault instanceof Error ? fault : new Error(textOf(() => fault)))

  let run: Run | undefined
  guard(() => {
    // Undefined when the module is imported on a server.
    const view = environment.window ?? globalThis.window
    const token = view && (options.token || findToken(view))
    if (token) {
      run = startRun(options, token, { ...browserEnvironment(view), ...environment }, emit, onInternalError)
    }
  }, onInternalError)()

  return {
    // nanoevents stops at the first listener that throws, so none may.
    on: (event, listener) => events.on(event, guard(listener as (...args: unknown[]) => void)),
    expect: guard((expectation) => run?.expect(expectation), onInternalError),
    ready: guard(() => run?.ready(), onInternalError),
    note: guard((data) => run?.note(data), onInternalError),
    stop: guard(() => run?.stop(), onInternalError),
    get state() {
      return run?.state ?? DORMANT
    },
  }
}
