import { z } from 'zod'
import {
  fileListSchema,
  numeric,
  type RecordedFile,
  textual,
  type UnknownFields,
} from '../answers/lenientSchemas.ts'

/** `status` of the uploader or the recorder; 0 is normal. */
type Status = UnknownFields & { status?: number }
interface Files {
  fileList: RecordedFile[]
}
type StreamState = UnknownFields & {
  /** `0` in composite mode, for all users together. */
  streamUid?: string
  /** See {@link STREAM_STATES}. */
  state?: number
  /** Unix time in milliseconds. */
  UtcMs?: number
}

/**
 * `details` of each event. Scalars without `?` are required. All other fields may be missing or of another type, and
 * undocumented ones are kept.
 */
export interface EventDetails {
  /** 1. See {@link ERROR_MODULES} and {@link ERROR_LEVELS}. `stat` 0 is normal. */
  cloud_recording_error: UnknownFields & {
    module?: number
    errorLevel?: number
    errorCode?: number
    stat?: number
    errorMsg?: string
  }
  /** 2 */
  cloud_recording_warning: UnknownFields & { module?: number; warnCode?: number }
  /** 3: a call did not fit the recording's status ({@link QUERY_STATUSES}). `recordingMode` 0 individual, 1 mix. */
  cloud_recording_status_update: UnknownFields & Files & { status?: number; recordingMode?: number }
  /** 4: the playlist was uploaded for the first time. */
  cloud_recording_file_infos: UnknownFields & Files
  /** 11: the session ended. `exitStatus` 0 normal, 1 abnormal. */
  session_exit: UnknownFields & { exitStatus: number }
  /** 12: the recording continues on another server under `newUid`; see {@link sessionOf}. */
  session_failover: UnknownFields & { newUid: string }
  /** 13: from now on the recording survives the loss of its server. */
  high_availability_registered: UnknownFields
  /** 30 */
  uploader_started: Status
  /** 31: every file is in the user's storage. */
  uploaded: Status & Files
  /** 32: like 31, but some files are in Agora's backup, which uploads them later. */
  backuped: Status & Files
  /** 33: once a minute; uploaded files divided by recorded files, times 10000. */
  uploading_progress: UnknownFields & { progress?: number }
  /** 40 */
  recorder_started: Status
  /** 41: see {@link leaveReasons}. */
  recorder_leave: UnknownFields & { leaveCode?: number }
  /** 42: Unix times in milliseconds; after an interruption they differ by its duration. */
  recorder_slice_start: UnknownFields & {
    startUtcMs?: number
    discontinueUtcMs?: number
    mixedAllUser?: boolean
    streamUid?: string
    trackType?: string
  }
  /** 43 */
  recorder_audio_stream_state_changed: StreamState
  /** 44 */
  recorder_video_stream_state_changed: StreamState
  /** 45: `fileName` is the screenshot's path. */
  recorder_snapshot_file: UnknownFields & { fileName?: string }
  /** 60: ApsaraVideo for VoD. */
  vod_started: UnknownFields & { aliVodInfo?: UnknownFields & { videoId?: string } }
  /** 61 */
  vod_triggered: UnknownFields
  /** 70: `recorderStartTime` is a Unix time in milliseconds. */
  web_recorder_started: UnknownFields & { recorderStartTime?: number }
  /** 71: see {@link STOP_CODES}. */
  web_recorder_stopped: UnknownFields & Files & { code: number; message?: string; details?: string }
  /** 72: the page exceeds the recorder's limits (resolution, WebGL, bandwidth); the recording stops immediately. */
  web_recorder_capability_limit: UnknownFields & { limitType?: string }
  /** 73: the recorder reloaded the page, because of `audio_silence` or `page_load_timeout`. */
  web_recorder_reload: UnknownFields & { reason?: string }
  /** 80 */
  transcoder_started: UnknownFields
  /** 81: `result` is `all_success`, `partial_success` or `fail`, for each uid `success` or `fail`. */
  transcoder_completed: UnknownFields & {
    result?: string
    uids?: (UnknownFields & Files & { uid?: string; result?: string })[]
  }
  /** 90: `fileName` may have several names, separated by `;`. */
  download_failed: UnknownFields & { vendor?: number; region?: number; bucket?: string; fileName?: string }
  /** 100: `status` is `connecting`, `publishing`, `onhold` or `disconnected`. */
  rtmp_publish_status: UnknownFields & { rtmpUrl?: string; status?: string }
  /** 1001: `result` is `total_success`, `partial_success` or `failed`. */
  postpone_transcode_final_result: UnknownFields & Files & { result?: string }
}

export type EventName = keyof EventDetails

const text = z.string().optional().catch(undefined)
const number = numeric.optional().catch(undefined)
const flag = z.boolean().optional().catch(undefined)
const uid = textual.optional().catch(undefined)
const fileList = fileListSchema

const streamState = z.looseObject({ streamUid: uid, state: number, UtcMs: number })
const status = z.looseObject({ status: number })
const upload = z.looseObject({ status: number, fileList })
/** Events without documented details. */
const empty = z.looseObject({})

interface Event {
  name: EventName
  details: z.ZodType<EventDetails[EventName]>
}

const event = <Name extends EventName>(name: Name, details: z.ZodType<EventDetails[Name]>): Event => ({
  name,
  details,
})

/** By `eventType`: the event's name in this package, and the schema of its `details`. */
export const EVENTS: ReadonlyMap<number, Event> = new Map([
  [
    1,
    event(
      'cloud_recording_error',
      z.looseObject({ module: number, errorLevel: number, errorCode: number, stat: number, errorMsg: text }),
    ),
  ],
  [2, event('cloud_recording_warning', z.looseObject({ module: number, warnCode: number }))],
  [
    3,
    event(
      'cloud_recording_status_update',
      z.looseObject({ status: number, recordingMode: number, fileList }),
    ),
  ],
  [4, event('cloud_recording_file_infos', z.looseObject({ fileList }))],
  [11, event('session_exit', z.looseObject({ exitStatus: numeric }))],
  [12, event('session_failover', z.looseObject({ newUid: textual }))],
  [13, event('high_availability_registered', empty)],
  [30, event('uploader_started', status)],
  [31, event('uploaded', upload)],
  [32, event('backuped', upload)],
  [33, event('uploading_progress', z.looseObject({ progress: number }))],
  [40, event('recorder_started', status)],
  [41, event('recorder_leave', z.looseObject({ leaveCode: number }))],
  [
    42,
    event(
      'recorder_slice_start',
      z.looseObject({
        startUtcMs: number,
        discontinueUtcMs: number,
        mixedAllUser: flag,
        streamUid: uid,
        trackType: text,
      }),
    ),
  ],
  [43, event('recorder_audio_stream_state_changed', streamState)],
  [44, event('recorder_video_stream_state_changed', streamState)],
  [45, event('recorder_snapshot_file', z.looseObject({ fileName: text }))],
  [
    60,
    event(
      'vod_started',
      z.looseObject({ aliVodInfo: z.looseObject({ videoId: text }).optional().catch(undefined) }),
    ),
  ],
  [61, event('vod_triggered', empty)],
  [70, event('web_recorder_started', z.looseObject({ recorderStartTime: number }))],
  [
    71,
    event('web_recorder_stopped', z.looseObject({ code: numeric, message: text, details: text, fileList })),
  ],
  [72, event('web_recorder_capability_limit', z.looseObject({ limitType: text }))],
  [73, event('web_recorder_reload', z.looseObject({ reason: text }))],
  [80, event('transcoder_started', empty)],
  [
    81,
    event(
      'transcoder_completed',
      z.looseObject({
        result: text,
        uids: z
          .array(z.looseObject({ uid, result: text, fileList }))
          .optional()
          .catch(undefined),
      }),
    ),
  ],
  [
    90,
    event('download_failed', z.looseObject({ vendor: number, region: number, bucket: text, fileName: text })),
  ],
  [100, event('rtmp_publish_status', z.looseObject({ rtmpUrl: text, status: text }))],
  [1001, event('postpone_transcode_final_result', z.looseObject({ result: text, fileList }))],
])
