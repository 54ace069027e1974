import { monitorEventLoopDelay } from 'node:perf_hooks'

// Loaded into the reporter's process before its own code (`--import`), so that the unchanged reporter measures itself.

/** Milliseconds of delay, bytes of memory, seconds of CPU. */
export interface ProcessStats {
  eventLoopDelay: { p50: number; p99: number; max: number }
  /** After a garbage collection. */
  heapUsed: number
  rss: number
  cpuSeconds: number
}

/** How often the delay is sampled, in milliseconds; the samples include it. */
const RESOLUTION_MS = 10

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
delay.enable()

const delayMs = (nanoseconds: number): number =>
  Math.max(0, Math.round(nanoseconds / 1e5) / 10 - RESOLUTION_MS)

const measure = (): ProcessStats => {
  const eventLoopDelay = {
    p50: delayMs(delay.percentile(50)),
    p99: delayMs(delay.percentile(99)),
    max: delayMs(delay.max),
  }
  const { user, system } = process.cpuUsage()
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  return { eventLoopDelay, heapUsed, rss, cpuSeconds: (user + system) / 1e6 }
}

process.on('message', (command) => {
  if (command === 'measure') process.send?.(measure())
  // The next measurement includes neither earlier samples nor this garbage collection.
  delay.reset()
})
// The reporter ends with its benchmark, even if that is killed.
process.on('disconnect', () => process.exit())
process.channel?.unref()
