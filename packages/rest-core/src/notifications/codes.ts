/**
 * `code` of event 71.
 *
 * @see https://docs.agora.io/en/cloud-recording/reference/rest-api-overview the source of all codes in this file
 */
export const STOP_CODES = {
  0: 'ok',
  1: 'max_recording_hour',
  2: 'capability_limit',
  3: 'start_engine_failed',
  4: 'page_load_timeout',
  5: 'access_url_failed',
  6: 'recorder_error',
} as const

export type StopCodeName = (typeof STOP_CODES)[keyof typeof STOP_CODES]

/**
 * The name of an event 71's code; undefined for none, and for a code that Agora has not documented.
 *
 * @example
 * stopCodeName(4) // => 'page_load_timeout'
 */
export const stopCodeName = (code: number | undefined): StopCodeName | undefined =>
  (STOP_CODES as Readonly<Record<number, StopCodeName>>)[code ?? -1]

/** `errorLevel` of event 1. At 5 the recording may be ending: query it immediately. */
export const ERROR_LEVELS = { 1: 'debug', 2: 'minor', 3: 'medium', 4: 'major', 5: 'fatal' } as const

/** `module` of the events 1 and 2. */
export const ERROR_MODULES = { 0: 'recorder', 1: 'uploader', 2: 'service', 6: 'web page recorder' } as const

/** `serviceType` of every payload. */
export const SERVICE_TYPES = {
  0: 'service',
  1: 'recorder',
  2: 'uploader',
  4: 'extension',
  6: 'web page recorder',
  8: 'downloader',
} as const

/** `state` of the events 43 and 44. */
export const STREAM_STATES = { 0: 'receiving', 1: 'not receiving' } as const

/** The bits of event 41's `leaveCode`. Ignore `timer_catch`. */
export const LEAVE_BITS = { 2: 'signal', 4: 'no_users', 8: 'timer_catch', 16: 'client_leave' } as const

/**
 * Why the recorder left the channel: a name for each bit of event 41's `leaveCode`, e.g. `bit_32` for a bit that Agora
 * has not documented, and `init_failed` for 0.
 *
 * @param leaveCode an integer from 0 to 2³²−1; for any other number there are no reasons
 * @example
 * leaveReasons(6) // => ['signal', 'no_users']
 */
export const leaveReasons = (leaveCode: number): string[] => {
  if (leaveCode === 0) return ['init_failed']
  if (!Number.isInteger(leaveCode) || leaveCode < 0 || leaveCode >= 2 ** 32) return []
  const bits = Array.from({ length: 32 }, (_, exponent) => 2 ** exponent)
  const names: Readonly<Record<number, string>> = LEAVE_BITS
  return bits.filter((bit) => Math.floor(leaveCode / bit) % 2 === 1).map((bit) => names[bit] ?? `bit_${bit}`)
}
