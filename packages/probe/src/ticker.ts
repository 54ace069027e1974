import type { Clock } from './clock.ts'

export interface Ticker {
  /** Milliseconds between ticks; a change takes effect after the next tick. */
  periodMs: number
  /** The first tick is due after one period. */
  start(): void
  /** Ticks immediately if a tick is overdue because its timer was throttled. */
  catchUp(): void
  stop(): void
}

/**
 * Ticks at absolute times, so that lateness does not accumulate. Missed ticks are skipped.
 *
 * @param onTick must not throw; receives how late the tick is, in milliseconds
 */
export const createTicker = (clock: Clock, periodMs: number, onTick: (lateMs: number) => void): Ticker => {
  let plannedAt = 0
  let timer: number | undefined
  let running = false

  const plan = (at: number, now: number): void => {
    plannedAt = at
    timer = clock.setTimeout(tick, at - now)
  }

  const tick = (): void => {
    const now = clock.now()
    onTick(now - plannedAt)
    const next = plannedAt + ticker.periodMs
    if (running) plan(next > now ? next : now + ticker.periodMs, now)
  }

  const ticker: Ticker = {
    periodMs,
    start() {
      running = true
      const now = clock.now()
      plan(now + periodMs, now)
    },
    catchUp() {
      if (!running || clock.now() < plannedAt) return
      clock.clearTimeout(timer)
      tick()
    },
    stop() {
      running = false
      clock.clearTimeout(timer)
    },
  }
  return ticker
}
