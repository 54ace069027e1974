/** One time for the reporter, its client and the emulator. It advances only when a test says so. */
export interface VirtualTime {
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds since this time was created. */
  elapsed(): number
  /** Runs `run` once, after `delayMs`. Returns a function that cancels it. */
  after(delayMs: number, run: () => void): () => void
  /** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Advances to a moment and runs the timers that fall due, in order. After each, what it has caused is awaited. */
  advanceTo(moment: number, settle: () => Promise<void>): Promise<void>
}

/** @param startsAt milliseconds since the epoch */
export const createVirtualTime = (startsAt: number): VirtualTime => {
  let now = startsAt
  const timers = new Set<{ at: number; run: () => void }>()
  const nextUntil = (moment: number) =>
    [...timers].filter(({ at }) => at <= moment).sort((one, other) => one.at - other.at)[0]

  const after: VirtualTime['after'] = (delayMs, run) => {
    const timer = { at: now + delayMs, run }
    timers.add(timer)
    return () => {
      timers.delete(timer)
    }
  }
  return {
    now: () => now,
    elapsed: () => now - startsAt,
    after,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason)
          return
        }
        const abort = () => {
          cancel()
          reject(signal?.reason)
        }
        const cancel = after(ms, () => {
          signal?.removeEventListener('abort', abort)
          resolve()
        })
        signal?.addEventListener('abort', abort, { once: true })
      }),
    advanceTo: async (moment, settle) => {
      for (let timer = nextUntil(moment); timer; timer = nextUntil(moment)) {
        timers.delete(timer)
        now = Math.max(now, timer.at)
        timer.run()
        await settle()
      }
      now = moment
    },
  }
}
