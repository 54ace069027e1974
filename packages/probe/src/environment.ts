import { type AfterFrame, afterFrameOf } from './afterFrame.ts'
import type { Clock } from './clock.ts'
import type { CreateWatch } from './watchTypes.ts'

/** Everything the probe uses of the browser; tests replace parts of it. */
export interface ProbeEnvironment {
  window: Window & typeof globalThis
  fetch: typeof fetch
  /** Sends a string that must outlive the document; false if the browser did not accept it. */
  beacon: (url: string, body: string) => boolean
  clock: Clock
  afterFrame: AfterFrame
  /** Returns a random number, 0 ≤ n < 1, which spreads retries. */
  random: () => number
  /** Loads the second file. @param failures how often that has failed before */
  loadWatch: (failures: number) => Promise<{ createWatch: CreateWatch }>
}

/**
 * The browser's own functions, captured at the start, so that a page that patches them later does not affect the probe
 * (see also `natives.ts`). Each is bound to its owner: browsers refuse to call them unbound ("Illegal invocation").
 */
export const browserEnvironment = (
  window: Window & typeof globalThis,
): Omit<ProbeEnvironment, 'loadWatch'> => {
  const { navigator, performance } = window
  const clock: Clock = {
    now: performance.now.bind(performance),
    setTimeout: window.setTimeout.bind(window),
    clearTimeout: window.clearTimeout.bind(window),
  }
  return {
    window,
    fetch: window.fetch.bind(window),
    beacon: navigator.sendBeacon.bind(navigator),
    clock,
    afterFrame: afterFrameOf(window, clock),
    random: Math.random,
  }
}
