import { setTimeout as timer } from 'node:timers/promises'
import type { EmulatorClock } from '@stillrolling/emulator'
import type { Clock } from '@stillrolling/rest-core'

/** A clock that runs `scale` times as fast as real time. */
export const scaledTime = (scale: number): Clock & EmulatorClock => {
  const start = performance.now()
  return {
    now: () => (performance.now() - start) * scale,
    sleep: (ms, signal) => timer(ms / scale, undefined, { signal }),
    after: (ms, run) => {
      const pending = setTimeout(run, ms / scale)
      return () => clearTimeout(pending)
    },
  }
}
