import { monitorEventLoopDelay } from 'node:perf_hooks'

// Loaded into the reporter's process before its own code (`--import`): it is measured as it is, from within.

/** What the process says of itself when asked. Milliseconds, bytes, and seconds of CPU. */
export interface Measured {
  eventLoopDelay: { p50: number; p99: number; max: number }
  /** After a collection. */
  heapUsed: number
  rss: number
  cpuSeconds: number
}

/** How often the delay is sampled, in milliseconds; the samples include it. */
const RESOLUTION_MS = 10

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
delay.enable()

const late = (nanoseconds: number): number => Math.max(0, Math.round(nanoseconds / 1e5) / 10 - RESOLUTION_MS)

const measure = (): Measured => {
  const eventLoopDelay = {
    p50: late(delay.percentile(50)),
    p99: late(delay.percentile(99)),
    max: late(delay.max),
  }
  const { user, system } = process.cpuUsage()
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  return { eventLoopDelay, heapUsed, rss, cpuSeconds: (user + system) / 1e6 }
}

process.on('message', (order) => {
  if (order === 'measure') process.send?.(measure())
  // What came before, and the collection that measuring made, count no more.
  delay.reset()
})
// A benchmark that is killed leaves no reporter behind.
process.on('disconnect', () => process.exit())
process.channel?.unref()
