import { type AfterFrame, afterFrameOf } from './afterFrame.ts'
import type { CreateWatch } from './watchTypes.ts'

/** Time and timers, in milliseconds; `now` counts from the document's navigation start. */
export interface Clock {
  now(): number
  setTimeout(callback: () => void, delayMs: number): number
  clearTimeout(timer: number | undefined): void
}

/** The part of the world that the probe touches; tests put their own in its place. */
export interface ProbeEnvironment {
  window: Window & typeof globalThis
  fetch: typeof fetch
  /** Sends a string that must outlive the document; false: not accepted. */
  beacon: (url: string, body: string) => boolean
  clock: Clock
  afterFrame: AfterFrame
  /** 0 ≤ random < 1, spreads retries. */
  random: () => number
  /** Loads the second file, given how often it has failed. */
  loadWatch: (failures: number) => Promise<{ createWatch: CreateWatch }>
}

/**
 * The browser's own functions, taken once: what the page patches later does not reach the probe.
 * Each is bound to its owner, because browsers refuse them otherwise ("Illegal invocation").
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
    beacon: (url, body) => navigator.sendBeacon(url, body),
    clock,
    afterFrame: afterFrameOf(window, clock),
    random: Math.random,
  }
}
