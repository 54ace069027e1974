/**
 * The interface between the two files of the probe. After an upgrade of the reporter, a page may have cached the old first
 * file and load the new second one, so from the first release on changes here must stay compatible.
 */

import type { ProbeEnvironment } from './environment.ts'
import type { Natives } from './natives.ts'
import type { PageExpectation, StartOptions } from './probeTypes.ts'
import type { Check, MediaCheck, Report, Warning } from './types.ts'

/** What a poll of the page has found. */
export interface PollResult {
  /** Whether every expectation that loading waits for is met. */
  ok: boolean
  checks: Check[]
  media: MediaCheck[]
  warnings: Warning[]
  /** Checks that pass or fail differently from the last poll, or have become overdue. */
  changed: (Check | MediaCheck)[]
}

/** Expectations as the page, its tag or the reporter has worded them. */
export interface Expected extends Pick<StartOptions, 'expect' | 'media' | 'tag'> {
  /** In an answer of the reporter, which has all that the recording expects: what it expected before is dropped. */
  attempt?: number
}

/** When and in which circumstances the page is polled. */
export interface Moment {
  /** Milliseconds since navigation start. */
  at: number
  /** Planned time since the last poll, in milliseconds. */
  periodMs: number
  /** The page has loaded: a new expectation has a grace period before it fails. */
  loaded: boolean
  /** An animation frame came promptly, so the page is being painted. */
  painted: boolean
}

/** Holds the expectations of a document and polls the page for them. */
export interface Watch {
  /**
   * Adds expectations; they replace those with the same name. Those of an answer also replace those of the answer before,
   * in whose place the page's own return.
   * @param loaded the page has loaded: a new expectation counts as met at first
   * @returns whether any was new or changed
   */
  add(expectations: Expected | readonly PageExpectation[], at: number, loaded: boolean): boolean
  /** Evaluates every expectation. */
  poll(moment: Moment): PollResult
  /**
   * Leaves out what does not fit into a report.
   * @param sizeOf bytes of a report as it is sent
   */
  fit(report: Report, sizeOf: (report: Report) => number): Report
  /** Starts a round of sampling the pixels of videos; its results are among the warnings of later polls. */
  samplePixels(): void
  /** Calls `tick` every second from a worker, because a hidden page's own timers are throttled. */
  startWorkerTicks(tick: () => void): void
  stop(): void
}

/** What the first file passes to the second. */
export interface WatchOptions {
  window: Window & typeof globalThis
  /** `stall` of the page's options, in seconds. */
  stall: number | undefined
  /** Whether the page has called `ready()`. */
  isReady: () => boolean
  /** The functions that the first file captured at the start. */
  natives: Natives & Pick<ProbeEnvironment, 'afterFrame' | 'clock'>
}

export type CreateWatch = (options: WatchOptions) => Watch
