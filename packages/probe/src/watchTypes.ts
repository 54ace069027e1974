import type { PageExpectation } from './probeTypes.ts'
import type { Check, MediaCheck, Warning } from './types.ts'

/** What a look at the page has shown. */
export interface View {
  /** Nothing is missing that loading waits for. */
  ok: boolean
  checks: Check[]
  media: MediaCheck[]
  warnings: Warning[]
  /** Those whose verdict differs from the look before, and those that are overdue now. */
  turned: (Check | MediaCheck)[]
}

/** Keeps the expectations of a document and looks at the page when told to. */
export interface Watch {
  /**
   * Adds expectations, in the place of those with the same name.
   * @param loaded the page has loaded: what is new is taken to be met at first
   * @returns whether anything was new
   */
  add(expectations: readonly PageExpectation[], at: number, loaded: boolean): boolean
  /**
   * @param periodMs time that was planned since the look before
   * @param loaded the page has loaded: what is new is given time before it fails
   * @param framed a frame came promptly when it was asked for: the page is being painted
   */
  look(at: number, periodMs: number, loaded: boolean, framed: boolean): View
  /** Begins to look closer at the pictures, once per heartbeat; what is found is among the warnings of later looks. */
  lookCloser(): void
  /** Calls `tick` by a worker, where the timers of a hidden page are held back. */
  keepAwake(tick: () => void): void
  stop(): void
}

/** What the first file tells the second. */
export interface WatchOptions {
  window: Window & typeof globalThis
  /** `stall` of the page's options, in seconds. */
  stall: number | undefined
  /** Whether the page has called `ready()`. */
  isReady: () => boolean
}

export type CreateWatch = (options: WatchOptions) => Watch
