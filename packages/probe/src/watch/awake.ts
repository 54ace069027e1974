const PERIOD_MS = 1000

/** Calls that come from a worker. */
export interface Awake {
  /** Begins to call, once: in vain where a policy forbids workers, and then nothing is said. */
  start(tick: () => void): void
  stop(): void
}

/** A hidden page's timers come once a minute after a while; those of a worker do not, and its messages get through. */
export const createAwake = (window: Window & typeof globalThis): Awake => {
  let worker: Worker | undefined
  let tried = false
  return {
    start(tick) {
      if (tried) return
      tried = true
      try {
        const url = window.URL.createObjectURL(
          new window.Blob([`setInterval(() => postMessage(0), ${PERIOD_MS})`], { type: 'text/javascript' }),
        )
        worker = new window.Worker(url)
        worker.onmessage = tick
        worker.onerror = (event) => event.preventDefault()
        window.URL.revokeObjectURL(url)
      } catch {
        // Trusted Types, or no workers at all: then ticks come as late as they come.
      }
    },
    stop: () => worker?.terminate(),
  }
}
