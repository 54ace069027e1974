import { browserEnvironment, type ProbeEnvironment } from './environment.ts'
import { createEvents } from './events.ts'
import { guard, warn } from './guard.ts'
import { natives } from './natives.ts'
import type { Probe, ProbeState, StartOptions } from './probeTypes.ts'
import { type Emit, type Run, startRun } from './run.ts'
import { textOf } from './textOf.ts'
import { findToken } from './token.ts'
import { runOutsideZones } from './zone.ts'

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
  options: StartOptions,
  environment: Partial<ProbeEnvironment> & Pick<ProbeEnvironment, 'loadWatch'>,
): Probe => {
  const events = createEvents()
  const emit: Emit = (event, ...args) => {
    if (event === 'error') warn(args[0])
    events.emit(event, ...args)
  }
  const onInternalError = (fault: unknown) =>
    emit('error', fault instanceof natives.Error.type ? fault : new natives.Error.type(textOf(() => fault)))

  let run: Run | undefined
  // Undefined when the module is imported on a server.
  const view = environment.window ?? globalThis.window
  guard(() => {
    const token = view && (options.token || findToken(view))
    if (token) {
      runOutsideZones(() => {
        run = startRun(options, token, { ...browserEnvironment(view), ...environment }, emit, onInternalError)
      })
    }
  }, onInternalError)()

  return {
    on: events.on,
    expect: guard((expectation) => run?.expect(expectation), onInternalError),
    ready: guard(() => run?.ready(), onInternalError),
    note: guard((data) => run?.note(data), onInternalError),
    stop: guard(() => run?.stop(), onInternalError),
    get state() {
      return run?.state ?? DORMANT
    },
  }
}
