import type { Check, Expectation, MediaCheck, Report, ReportAnswer, Warning } from './types.ts'

/** An expectation of the page itself, whose `test` may be a function. */
export type PageExpectation = Omit<Expectation, 'test'> & {
  /**
   * A function that returns something truthy, or a promise that resolves to it within 5 s; or the path of such a function. What it throws becomes
   * the check's detail.
   */
  test?: string | (() => unknown)
}

/** The attributes of the script tag, without `data-`. */
export interface TagAttributes {
  readonly [attribute: string]: string | undefined
}

/** Options with which the page starts the probe. */
export interface ProbeOptions {
  /** Base URL of the reporter; reports go to `{endpoint}/v1/reports`. */
  endpoint: string
  /** The attempt's token. @default the token in the page's URL (`?stillrolling=…`), or the one kept in sessionStorage */
  token?: string
  /** Expectations; a string is the selector of an `element`. */
  expect?: (string | PageExpectation)[]
  /** Media that must play; a string is the selector of a `media`. */
  media?: (string | PageExpectation)[]
  /**
   * Seconds that media may stand still, above 0.
   * @default 3 for files and MSE, 10 for MediaStreams, 5 for frames that stand still while time advances
   */
  stall?: number
}

/** Options of the page, or of its script tag. */
export interface StartOptions extends ProbeOptions {
  /** Undefined if it has no expectations. */
  tag?: TagAttributes | undefined
}

/** Events a page can listen to, with their listeners. What a listener throws goes to the console. */
export interface ProbeEvents {
  /** The reporter has answered for the first time in this document. */
  hello: (answer: ReportAnswer) => void
  /** All expectations were met in two consecutive polls. Once per document, whether or not the reporter can be reached. */
  loaded: () => void
  /** A check has changed between passing and failing, or has become overdue. */
  check: (check: Check | MediaCheck) => void
  /** The reporter has stored a heartbeat. */
  heartbeat: (report: Report) => void
  /** Another attempt is current; this document sends nothing more. */
  superseded: () => void
  /** The reporter refuses this document's reports, or an option, a note or the second file cannot be used. */
  error: (error: Error) => void
}

/**
 * - `dormant`: no token, so the probe does nothing
 * - `loading`: polling, not all expectations have been met
 * - `loaded`: polling, all expectations have been met
 * - `superseded`: another attempt is current, and the probe has ended
 * - `stopped`: `stop()` was called
 */
export type ProbePhase = 'dormant' | 'loading' | 'loaded' | 'superseded' | 'stopped'

export interface ProbeState {
  phase: ProbePhase
  /** The recording's sid; null until the reporter has sent it. */
  sid: string | null
  /** false once the reporter has refused this document's reports; the page is still polled. */
  sending: boolean
  /** Whether `navigator.notifyReady()` was called in this document. */
  notified: boolean
  checks: Check[]
  media: MediaCheck[]
  warnings: Warning[]
}

export interface Probe {
  /** Adds a listener; returns a function that removes it. */
  on<E extends keyof ProbeEvents>(event: E, listener: ProbeEvents[E]): () => void
  /** Adds an expectation, or replaces the one with the same name. */
  expect(expectation: PageExpectation): void
  /** Meets the expectation `ready`. */
  ready(): void
  /** Adds the page's own data to the next report: at most 1 KiB of JSON. */
  note(data: unknown): void
  /** Ends all timers, listeners and requests for good. The reporter will treat the page as silent. */
  stop(): void
  readonly state: ProbeState
}
