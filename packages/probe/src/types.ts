/**
 * The report format, version 1: what the probe sends to `POST {endpoint}/v1/reports` and what it gets back.
 * The probe owns it; the reporter checks every field again, because anyone can post there.
 */

/** `hello` once per document, `loaded` once per document, then `heartbeat`; `bye` when the document goes away. */
export type ReportType = 'hello' | 'loaded' | 'heartbeat' | 'bye'

/** One expectation of the page and whether it is met now. `detail` says why not, in words for a person. */
export interface Check {
  name: string
  ok: boolean
  detail?: string
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
  /** How much later than planned the last tick came, in milliseconds. */
  late: number
  /** Script errors and failed loads seen by the document so far. */
  errors: number
  /** Heartbeats that could not be delivered since the last one that was. */
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
  /** Selectors that the recording expects, beside those in the page's own tag. */
  expect: string[]
  /** Selectors of media that must play, likewise. */
  media: string[]
}

/** Largest report that the reporter takes, in bytes of UTF-8. */
export const MAX_REPORT_BYTES = 8192
/** Most checks, and most media, that a report may list. */
export const MAX_REPORT_CHECKS = 100
/** Longest name or detail of a check, in UTF-16 code units. */
export const MAX_CHECK_WORDS = 500
/** The URL parameter that carries the token into the recorded page. */
export const TOKEN_PARAMETER = 'stillrolling'
