/**
 * The report format, version 1: what the probe sends to `POST {endpoint}/v1/reports` and what it receives in answer.
 * The probe owns it. The reporter validates every field, because anyone can post there.
 */

import type { Expectation } from './expectation.ts'

export { type Expectation, KINDS } from './expectation.ts'

/** `hello` and `loaded` are sent once per document, then `heartbeat`s, and `bye` when the document is unloaded. */
export type ReportType = 'hello' | 'loaded' | 'heartbeat' | 'bye'

/** Whether one expectation is met now. `detail` explains to a person why not. */
export interface Check {
  name: string
  ok: boolean
  detail?: string
  /** Not met within its own timeout while the page was loading: waiting longer is pointless. */
  overdue?: boolean
}

/** Something a person should know, which does not fail the page. */
export interface Warning {
  name: string
  detail: string
}

/** Whether the media of one expectation play now. */
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
  /** The recording's sid, in every report once the page knows it. */
  sid?: string
  type: ReportType
  /** Random id of the document: after a reload it is another one. */
  page: string
  /** Number of the report in its document, from 1. */
  seq: number
  /** Milliseconds since the document's navigation start. */
  at: number
  checks: Check[]
  media: MediaCheck[]
  /** `!document.hidden`. */
  visible: boolean
  /** Largest delay of a tick since the last report, in milliseconds. */
  late: number
  /** Script errors and unhandled rejections in the document so far. */
  errors: number
  /**
   * The first of them, as the browser words it, in every report from then on, so that no lost report loses it. At most
   * `MAX_ERROR_LENGTH`; the reporter removes addresses and tokens.
   */
  firstError?: string
  /** Images, media, scripts and styles of the document that could not be loaded so far. */
  failed: number
  /** Ticks since the last report that saw an animation frame. 0: the page is not being painted. */
  frames: number
  warnings: Warning[]
  /** Reports that were lost, or replaced by this one, since the last report that the reporter accepted. */
  missed: number
  /** The page's own data (`probe.note(data)`), at most 1 KiB of JSON. */
  note?: unknown
}

/** The reporter's answer to a report that it has stored. */
export interface ReportAnswer {
  /** null until Agora has answered the start. */
  sid: string | null
  /** The attempt's number, from 1. */
  attempt: number
  /** false if the attempt is superseded: send nothing more. */
  current: boolean
  /** Seconds between heartbeats. */
  interval: number
  /** The recording's expectations, in addition to the page's own; a string is the selector of an `element`. */
  expect: (string | Expectation)[]
  /** Media that must play; a string is the selector of a `media`. */
  media: (string | Expectation)[]
}

/** Largest report that the reporter accepts, in bytes of UTF-8. */
export const MAX_REPORT_BYTES = 8192
/** Maximum number of checks, of media and of warnings in a report. */
export const MAX_REPORT_CHECKS = 100
/** Maximum length of a check's name and detail, in UTF-16 code units. */
export const MAX_CHECK_LENGTH = 500
/** Maximum length of `firstError`, in UTF-16 code units. */
export const MAX_ERROR_LENGTH = 500
/**
 * Prefix of a token that asks for the fence: `navigator.notifyReady()` is called only once the reporter has confirmed
 * that the attempt is current.
 */
export const FENCE_PREFIX = 'v1f.'
/** The URL parameter that carries the token into the recorded page. */
export const TOKEN_PARAMETER = 'stillrolling'
