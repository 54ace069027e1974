/** Several signals as one. AbortSignal.any is younger than Node 20. */
export interface LinkedSignal {
  signal: AbortSignal
  /** Leaves the signals: one that lives long would keep all calls that were made with it. */
  unlink(): void
}

export const linkSignals = (signals: readonly (AbortSignal | undefined)[]): LinkedSignal => {
  const controller = new AbortController()
  const links = signals.flatMap((signal) => {
    if (!signal) return []
    const end = (): void => controller.abort(signal.reason)
    if (signal.aborted) end()
    signal.addEventListener('abort', end, { once: true })
    return [() => signal.removeEventListener('abort', end)]
  })
  const unlink = (): void => {
    for (const leave of links) leave()
  }
  return { signal: controller.signal, unlink }
}
