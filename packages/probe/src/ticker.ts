import type { Clock } from './environment.ts'

export interface Ticker {
  /** Between ticks, in milliseconds; a change counts from the next tick on. */
  periodMs: number
  /** @param delayMs until the first tick; by default a period */
  start(delayMs?: number): void
  /** Ticks now, if it is time and the timer is late. */
  catchUp(): void
  stop(): void
}

/**
 * Ticks at absolute times, so that lateness does not add up. Ticks that were missed are not made up for.
 *
 * @param onTick must not throw; gets the time and how late it is, in milliseconds
 */
export const createTicker = (
  clock: Clock,
  periodMs: number,
  onTick: (now: number, lateMs: number) => void,
): Ticker => {
  let plannedAt = 0
  let timer: number | undefined
  let running = false

  const plan = (at: number, now: number): void => {
    plannedAt = at
    timer = clock.setTimeout(tick, at - now)
  }

  const tick = (): void => {
    const now = clock.now()
    onTick(now, now - plannedAt)
    const next = plannedAt + ticker.periodMs
    if (running) plan(next > now ? next : now + ticker.periodMs, now)
  }

  const ticker: Ticker = {
    periodMs,
    start(delayMs = ticker.periodMs) {
      running = true
      const now = clock.now()
      plan(now + delayMs, now)
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
