import type { Clock } from '../clock.ts'

/** A single timer: setting it again replaces it. */
export interface WakeUp {
  /** @param at milliseconds; infinity sets no timer */
  setFor(at: number, now: number): void
  cancel(): void
}

/** @param onWake called with the time that the timer was set for */
export const createWakeUp = (clock: Pick<Clock, 'sleep'>, onWake: (at: number) => void): WakeUp => {
  let timer: { at: number; abort: AbortController } | undefined
  const cancel = (): void => {
    timer?.abort.abort()
    timer = undefined
  }
  return {
    cancel,
    setFor: (at, now) => {
      if (timer?.at === at) return
      cancel()
      if (at === Number.POSITIVE_INFINITY) return
      const own = { at, abort: new AbortController() }
      timer = own
      const wake = (): void => {
        if (timer !== own) return
        timer = undefined
        onWake(at)
      }
      // A sleep that fails wakes too; a cancelled sleep is no longer the current timer.
      clock.sleep(Math.ceil(at - now), own.abort.signal).then(wake, wake)
    },
  }
}
