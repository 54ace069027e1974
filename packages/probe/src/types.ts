/**
 * The report format, version 1: what the probe sends to `POST {endpoint}/v1/reports` and what it gets back.
 * The probe owns it; the reporter checks every field again, because anyone can post there.
 */

import type { Expectation } from './expectation.ts'

export { type Expectation, KINDS } from './expectation.ts'

/** `hello` once per document, `loaded` once per document, then `heartbeat`; `bye` when the document goes away. */
export type ReportType = 'hello' | 'loaded' | 'heartbeat' | 'bye'

/** One expectation of the page and whether it is met now. `detail` says why not, in words for a person. */
export interface Check {
  name: string
  ok: boolean
  detail?: string
  /** Not met within its own time limit, in a page that has not loaded: waiting on is no use. */
  overdue?: boolean
}

/** Something that a person should know, and nothing fails for. */
export interface Warning {
  name: string
  detail: string
}

/** One media element that must play. */
export interface MediaCheck extends Check {
  /** `currentTime`, in seconds. */
  time: number
  /** Frames decoded since the source was set (`totalVideoFrames`); 0 for audio. */
  frames: number
}

export interface Report {
  v: 1
  /** The attempt's token, from the page's URL. */
  token: string
  /** The recording's sid, in every report from the moment the page knows it. */
  sid?: string
  type: ReportType
  /** Random per document: a reload is another page. */
  page: string
  /** Counts the reports of this document, from 1. */
  seq: number
  /** Milliseconds since the document's navigation start. */
  at: number
  checks: Check[]
  media: MediaCheck[]
  /** `document.visibilityState === 'visible'`. */
  visible: boolean
  /** How much later than planned a tick came, in milliseconds: the latest one since the report before. */
  late: number
  /** Script errors and unhandled rejections in the document so far. */
  errors: number
  /** Images, media, scripts and styles of the document that could not be loaded so far. */
  failed: number
  /** Ticks since the report before that saw an animation frame. 0: nothing is being painted. */
  frames: number
  warnings: Warning[]
  /** Reports made before it that have not arrived, since the last one that did: it takes the place of most. */
  missed: number
  /** The page's own words (`probe.note(data)`), at most 1 KiB of JSON. */
  note?: unknown
}

/** The reporter's answer to a report it has kept. */
export interface ReportAnswer {
  /** null as long as Agora has not answered the start. */
  sid: string | null
  /** The attempt's number, from 1. */
  attempt: number
  /** false: a newer attempt records; fall silent. */
  current: boolean
  /** Seconds between heartbeats. */
  interval: number
  /** What the recording expects, beside the page's own; a string is the selector of an `element`. */
  expect: (string | Expectation)[]
  /** Media that must play, likewise; a string is the selector of a `media`. */
  media: (string | Expectation)[]
}

/** Largest report that the reporter takes, in bytes of UTF-8. */
export const MAX_REPORT_BYTES = 8192
/** Most checks, most media, and most warnings that a report may list. */
export const MAX_REPORT_CHECKS = 100
/** Longest name or detail of a check, in UTF-16 code units. */
export const MAX_CHECK_WORDS = 500
/**
 * How a token begins that asks for the fence: `navigator.notifyReady()` only once the reporter has confirmed that the
 * attempt is current.
 */
export const FENCE_PREFIX = 'v1f.'
/** The URL parameter that carries the token into the recorded page. */
export const TOKEN_PARAMETER = 'stillrolling'
