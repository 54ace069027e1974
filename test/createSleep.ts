/**
 * @param after sets a timer of a virtual time, and returns a function that cancels it
 * @returns a function that resolves after `ms` milliseconds, and rejects with the signal's reason as soon as it aborts
 */
export const createSleep =
  (after: (delayMs: number, run: () => void) => () => void) =>
  (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const onAbort = (): void => {
        cancel()
        reject(signal?.reason)
      }
      const cancel = after(ms, () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      })
      signal?.addEventListener('abort', onAbort, { once: true })
    })
