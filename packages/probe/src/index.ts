import type { ProbeEnvironment } from './environment.ts'
import { createProbe as create } from './probe.ts'
import type { Probe, ProbeOptions } from './probeTypes.ts'

export type { Clock } from './clock.ts'
export type { ProbeEnvironment } from './environment.ts'
export type {
  PageExpectation,
  Probe,
  ProbeEvents,
  ProbeOptions,
  ProbePhase,
  ProbeState,
} from './probeTypes.ts'
export type * from './types.ts'
export type { CreateWatch, Moment, PollResult, Watch, WatchOptions } from './watchTypes.ts'

/**
 * Checks the page against its expectations and reports to the reporter while the page is being recorded. Without a token
 * it does nothing, and calls on it have no effect. It never throws: errors go to the `error` event and the console.
 *
 * @param environment replaces parts of the browser, for tests
 * @example
 * const probe = createProbe({
 *   endpoint: 'https://reporter.example.com',
 *   expect: ['#board', { name: 'students', test: () => app.students > 0 }],
 * })
 * probe.on('check', ({ name, ok, detail }) => console.log(name, ok, detail))
 * probe.state.phase // => 'loading'
 */
export const createProbe = (options: ProbeOptions, environment: Partial<ProbeEnvironment> = {}): Probe =>
  create(options, { loadWatch: () => import('./watch/index.ts'), ...environment })
