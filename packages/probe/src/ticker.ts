import type { Clock } from './clock.ts'

export interface Ticker {
  /** Ticks immediately if a tick is overdue because its timer was throttled. */
  catchUp(): void
  stop(): void
}

/**
 * Ticks from now on at absolute times, so that lateness does not accumulate. Missed ticks are skipped. The first tick is
 * due after one period.
 *
 * @param periodMs milliseconds between ticks; asked after each tick
 * @param onTick must not throw; receives how late the tick is, in milliseconds
 */
export const startTicker = (
  clock: Clock,
  periodMs: () => number,
  onTick: (lateMs: number) => void,
): Ticker => {
  let plannedAt = clock.now()
  let timer: number | undefined
  let stopped = false

  const plan = (): void => {
    const now = clock.now()
    plannedAt = (plannedAt + periodMs() > now ? plannedAt : now) + periodMs()
    timer = clock.setTimeout(tick, plannedAt - now)
  }
  const tick = (): void => {
    onTick(clock.now() - plannedAt)
    if (!stopped) plan()
  }

  plan()
  return {
    catchUp() {
      if (stopped || clock.now() < plannedAt) return
      clock.clearTimeout(timer)
      tick()
    },
    stop() {
      stopped = true
      clock.clearTimeout(timer)
    },
  }
}
