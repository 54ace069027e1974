import type { CallOptions } from './cloudRecording.ts'

type Signals = Pick<CallOptions, 'signal' | 'drainSignal'>

/** Ends the waits between tries: the caller's signal, or the one that lets no further try begin. */
export function waitSignal(options: Signals & { signal: AbortSignal }): AbortSignal
export function waitSignal(options: Signals): AbortSignal | undefined
export function waitSignal({ signal, drainSignal }: Signals): AbortSignal | undefined {
  return signal && drainSignal ? AbortSignal.any([signal, drainSignal]) : (signal ?? drainSignal)
}
