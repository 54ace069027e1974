/**
 * Aborts at the first SIGINT or SIGTERM, with the signal's name as its reason. A second one ends the process immediately, with exit code 1.
 * This file imports nothing, so that it can run before the rest is loaded.
 */
export const shutdownSignal = (): AbortSignal => {
  const shutdown = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (shutdown.signal.aborted) process.exit(1)
      shutdown.abort(signal)
    })
  }
  return shutdown.signal
}
