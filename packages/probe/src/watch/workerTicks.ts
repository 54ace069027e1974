import { natives } from './natives.ts'

const PERIOD_MS = 1000

/** Calls a function every second from a worker. */
export interface WorkerTicks {
  /** Starts once; further calls do nothing. Does nothing either where a policy forbids workers. */
  start(tick: () => void): void
  stop(): void
}

/**
 * Chromium throttles the timers of a hidden page to one a minute
 * (https://developer.chrome.com/blog/timer-throttling-in-chrome-88), but not those of its workers, whose messages arrive.
 */
export const createWorkerTicks = (): WorkerTicks => {
  let worker: Worker | undefined
  let started = false
  return {
    start(tick) {
      if (started) return
      started = true
      try {
        const url = natives.URL.createObjectURL(
          new natives.Blob.type([`setInterval(() => postMessage(0), ${PERIOD_MS})`], {
            type: 'text/javascript',
          }),
        )
        worker = new natives.Worker.type(url)
        worker.onmessage = tick
        worker.onerror = (event) => event.preventDefault()
        natives.URL.revokeObjectURL(url)
      } catch {
        // Trusted Types, or no workers at all: the page's own timers have to do.
      }
    },
    stop: () => worker?.terminate(),
  }
}
