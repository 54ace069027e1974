import type { Check, Expectation, MediaCheck, Report, ReportAnswer, Warning } from './types.ts'

/** What the page itself can expect: as a recording can, and its own functions. */
export type PageExpectation = Omit<Expectation, 'test'> & {
  /**
   * A function that answers (also by a promise, within 5 s) with something true when all is well; or a path to one.
   * What it throws is its fault's detail.
   */
  test?: string | (() => unknown)
}

/** What a page says about itself when it starts the probe. */
export interface ProbeOptions {
  /** Base address of the reporter; reports go to `{endpoint}/v1/reports`. */
  endpoint: string
  /** The attempt's token. Without it the page's URL is asked (`?stillrolling=…`), then sessionStorage. */
  token?: string
  /** What is expected; a string is a selector of something that can be seen. */
  expect?: (string | PageExpectation)[]
  /** Media that must play, likewise; a string is a selector of `<video>` and `<audio>`. */
  media?: (string | PageExpectation)[]
  /**
   * Seconds that a picture or a sound may stand still, above 0.
   * @default 3 for files and MSE, 10 for MediaStreams, 5 for frames that stand while time runs
   */
  stall?: number
}

/** Calls that a page can listen to. A listener that throws harms nobody. */
export interface ProbeEvents {
  /** The reporter answered for the first time in this document. */
  hello: (answer: ReportAnswer) => void
  /** All expectations were true twice in a row. Once per document, whether or not the reporter can be reached. */
  loaded: () => void
  /** A check turned from met to unmet or back. */
  check: (check: Check | MediaCheck) => void
  /** The reporter has kept a heartbeat. */
  heartbeat: (report: Report) => void
  /** A newer attempt records; this document has fallen silent. */
  superseded: () => void
  /** The reporter refuses this document's reports, or an option or a note cannot be used. */
  error: (error: Error) => void
}

/**
 * - `dormant`: no token, nothing happens
 * - `loading`: watching, expectations not met yet
 * - `loaded`: watching, expectations were met
 * - `superseded`: another attempt records, nothing happens any more
 * - `stopped`: `stop()` was called
 */
export type ProbePhase = 'dormant' | 'loading' | 'loaded' | 'superseded' | 'stopped'

export interface ProbeState {
  phase: ProbePhase
  /** The recording's sid; null as long as the reporter has not told it. */
  sid: string | null
  /** false once the reporter has refused this document's reports; the page is still watched. */
  sending: boolean
  /** Whether `navigator.notifyReady()` was called in this document. */
  notified: boolean
  checks: Check[]
  media: MediaCheck[]
  warnings: Warning[]
}

export interface Probe {
  /** Listens to an event; returns a function that ends it. */
  on<E extends keyof ProbeEvents>(event: E, listener: ProbeEvents[E]): () => void
  /** Expects something more, or something else under a name that is there. */
  expect(expectation: PageExpectation): void
  /** Meets the expectation `ready`. */
  ready(): void
  /** Adds the page's own words to the next report: anything JSON can hold, at most 1 KiB of it. */
  note(data: unknown): void
  /** Ends timers, listeners and requests for good. The reporter hears nothing more and will take it for silence. */
  stop(): void
  readonly state: ProbeState
}
