/** 128 + SIGINT, as shells report it. */
const EXIT_INTERRUPTED = 130

/**
 * Aborts at the first SIGINT or SIGTERM. A second one ends the process immediately, with exit code 130.
 * This file imports nothing, so that it can run before the rest is loaded.
 */
export const shutdownSignal = (): AbortSignal => {
  const shutdown = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (shutdown.signal.aborted) process.exit(EXIT_INTERRUPTED)
      shutdown.abort()
    })
  }
  return shutdown.signal
}
