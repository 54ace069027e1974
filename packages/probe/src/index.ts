import type { ProbeEnvironment } from './environment.ts'
import { createProbe as create } from './probe.ts'
import type { Probe, ProbeOptions } from './probeTypes.ts'

export type { Clock, ProbeEnvironment } from './environment.ts'
export type {
  PageExpectation,
  Probe,
  ProbeEvents,
  ProbeOptions,
  ProbePhase,
  ProbeState,
} from './probeTypes.ts'
export type * from './types.ts'
export type { CreateWatch, View, Watch, WatchOptions } from './watchTypes.ts'

/**
 * Watches the page and reports to the reporter, if the page is being recorded: without a token it does nothing,
 * and every call on it is harmless. It never throws; what goes wrong is told by the `error` event and the console.
 *
 * @param environment replaces parts of the browser, for tests
 * @example
 * const probe = createProbe({ endpoint: 'https://reporter.example.com', expect: ['#board'] })
 * probe.on('check', ({ name, ok, detail }) => console.log(name, ok, detail))
 */
export const createProbe = (options: ProbeOptions, environment: Partial<ProbeEnvironment> = {}): Probe =>
  create(options, { loadWatch: () => import('./watch/index.ts'), ...environment })
