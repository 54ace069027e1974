import { z } from 'zod'
import { fileListSchema, numeric, type RecordedFile, textual } from '../answers/tolerant.ts'

type Unknown = { readonly [field: string]: unknown }

/**
 * `details` per event that has a schema here. Scalars without `?` are what the event is about: a notification
 * without them is refused. All others may be missing or odd, and unknown ones are kept.
 */
export type EventDetails = {
  /** 11: the session ended. `exitStatus` 0 normal, 1 abnormal. */
  session_exit: Unknown & { exitStatus: number }
  /** 12: the recording moved to another server and goes on under `newUid`. */
  session_failover: Unknown & { newUid: string }
  /** 31: every file is in the user's storage. */
  uploaded: Unknown & { status?: number; fileList: RecordedFile[] }
  /** 40 */
  recorder_started: Unknown & { status?: number }
  /** 70 */
  web_recorder_started: Unknown & { recorderStartTime?: number }
  /** 71: see {@link stopCodes}. */
  web_recorder_stopped: Unknown & {
    code: number
    message?: string
    details?: string
    fileList: RecordedFile[]
  }
  /** 72: the page is more than the recorder can take (resolution, WebGL, bandwidth); it stops at once. */
  web_recorder_capability_limit: Unknown & { limitType?: string }
  /** 73: the recorder reloaded the page: `audio_silence` or `page_load_timeout`. */
  web_recorder_reload: Unknown & { reason?: string }
}

export type EventName = keyof EventDetails

/** What `code` of event 71 says (Agora, notification events). */
export const stopCodes = {
  0: 'ok',
  1: 'max_recording_hour',
  2: 'capability_limit',
  3: 'start_engine_failed',
  4: 'page_load_timeout',
  5: 'access_url_failed',
  6: 'recorder_error',
} as const

export type StopCodeName = (typeof stopCodes)[keyof typeof stopCodes]

/** The name of an event 71's code; undefined for a code that Agora has not documented. */
export function stopCodeName(code: number): StopCodeName | undefined {
  return (stopCodes as Readonly<Record<number, StopCodeName>>)[code]
}

const text = z.string().optional().catch(undefined)
const number = numeric.optional().catch(undefined)

/** By `eventType`: the name used here, and what `details` must be. */
export const events: Readonly<
  Record<number, { name: EventName; details: z.ZodType<EventDetails[EventName]> }>
> = {
  11: { name: 'session_exit', details: z.looseObject({ exitStatus: numeric }) },
  12: { name: 'session_failover', details: z.looseObject({ newUid: textual }) },
  31: { name: 'uploaded', details: z.looseObject({ status: number, fileList: fileListSchema }) },
  40: { name: 'recorder_started', details: z.looseObject({ status: number }) },
  70: { name: 'web_recorder_started', details: z.looseObject({ recorderStartTime: number }) },
  71: {
    name: 'web_recorder_stopped',
    details: z.looseObject({ code: numeric, message: text, details: text, fileList: fileListSchema }),
  },
  72: { name: 'web_recorder_capability_limit', details: z.looseObject({ limitType: text }) },
  73: { name: 'web_recorder_reload', details: z.looseObject({ reason: text }) },
}
