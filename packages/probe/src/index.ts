export type { Clock, ProbeEnvironment } from './environment.ts'
export { createProbe } from './probe.ts'
export type { Probe, ProbeEvents, ProbeOptions, ProbePhase, ProbeState } from './probe-types.ts'
export * from './types.ts'
