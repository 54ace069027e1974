import { natives } from '../natives.ts'
import type { WatchOptions } from '../watchTypes.ts'

/** What the first file passes to the second, with the timers of the test: those of now, which may be fake. */
export const testNatives: WatchOptions['natives'] = {
  ...natives,
  clock: {
    now: () => performance.now(),
    setTimeout: (callback, delayMs) => window.setTimeout(callback, delayMs),
    clearTimeout: (timer) => window.clearTimeout(timer),
  },
  afterFrame: (callback) => {
    window.requestAnimationFrame(() => window.setTimeout(() => callback(true)))
  },
}
