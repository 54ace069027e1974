import type { CallOptions } from './cloudRecording.ts'

/** Ends the waits between tries: the caller's signal, or the one that lets no further try begin. */
export const waitSignal = ({
  signal,
  drainSignal,
}: Pick<CallOptions, 'signal' | 'drainSignal'>): AbortSignal | undefined =>
  signal && drainSignal ? AbortSignal.any([signal, drainSignal]) : (signal ?? drainSignal)
