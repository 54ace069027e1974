import { z } from 'zod'
import { fileListSchema, numeric, type RecordedFile, textual } from '../answers/lenientSchemas.ts'

interface Unknown {
  readonly [field: string]: unknown
}
/** Of the uploader and the recorder: 0 is normal. */
type Status = Unknown & { status?: number }
interface Files {
  fileList: RecordedFile[]
}
type StreamState = Unknown & {
  /** `0` in composite mode: everybody together. */
  streamUid?: string
  /** See {@link streamStates}. */
  state?: number
  /** Unix time in milliseconds. */
  UtcMs?: number
}

/**
 * `details` of each event. Scalars without `?` are what the event is about: a notification without them is
 * refused. All others may be missing or odd, and unknown ones are kept.
 */
export interface EventDetails {
  /** 1. See {@link errorModules}, {@link errorLevels}; query at once at level 5. `stat` 0 is normal. */
  cloud_recording_error: Unknown & {
    module?: number
    errorLevel?: number
    errorCode?: number
    stat?: number
    errorMsg?: string
  }
  /** 2 */
  cloud_recording_warning: Unknown & { module?: number; warnCode?: number }
  /** 3: a call did not fit the recording's status ({@link queryStatuses}). `recordingMode` 0 individual, 1 mix. */
  cloud_recording_status_update: Unknown & Files & { status?: number; recordingMode?: number }
  /** 4: the playlist was uploaded for the first time. */
  cloud_recording_file_infos: Unknown & Files
  /** 11: the session ended. `exitStatus` 0 normal, 1 abnormal. */
  session_exit: Unknown & { exitStatus: number }
  /** 12: the recording moved to another server and goes on under `newUid`; see {@link sessionOf}. */
  session_failover: Unknown & { newUid: string }
  /** 13: from now on the recording would survive the loss of its server. */
  high_availability_registered: Unknown
  /** 30 */
  uploader_started: Status
  /** 31: every file is in the user's storage. */
  uploaded: Status & Files
  /** 32: as 31, but some files went to Agora's backup first and follow by themselves. */
  backuped: Status & Files
  /** 33: once a minute; 0 to 10000, uploaded files per recorded ones. */
  uploading_progress: Unknown & { progress?: number }
  /** 40 */
  recorder_started: Status
  /** 41: see {@link leaveReasons}. */
  recorder_leave: Unknown & { leaveCode?: number }
  /** 42: Unix times in milliseconds; they differ by what an interruption cost. */
  recorder_slice_start: Unknown & {
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
  /** 45: a screenshot, with its path. */
  recorder_snapshot_file: Unknown & { fileName?: string }
  /** 60: ApsaraVideo for VoD. */
  vod_started: Unknown & { aliVodInfo?: Unknown & { videoId?: string } }
  /** 61 */
  vod_triggered: Unknown
  /** 70: Unix time in milliseconds. */
  web_recorder_started: Unknown & { recorderStartTime?: number }
  /** 71: see {@link stopCodes}. */
  web_recorder_stopped: Unknown & Files & { code: number; message?: string; details?: string }
  /** 72: the page is more than the recorder can take (resolution, WebGL, bandwidth); it stops at once. */
  web_recorder_capability_limit: Unknown & { limitType?: string }
  /** 73: the recorder reloaded the page: `audio_silence` or `page_load_timeout`. */
  web_recorder_reload: Unknown & { reason?: string }
  /** 80 */
  transcoder_started: Unknown
  /** 81: `all_success`, `partial_success` or `fail`, and `success` or `fail` for each uid. */
  transcoder_completed: Unknown & {
    result?: string
    uids?: (Unknown & Files & { uid?: string; result?: string })[]
  }
  /** 90: `fileName` may be several, with `;` between them. */
  download_failed: Unknown & { vendor?: number; region?: number; bucket?: string; fileName?: string }
  /** 100: `connecting`, `publishing`, `onhold` or `disconnected`. */
  rtmp_publish_status: Unknown & { rtmpUrl?: string; status?: string }
  /** 1001: `total_success`, `partial_success` or `failed`. */
  postpone_transcode_final_result: Unknown & Files & { result?: string }
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
/** An event that its type alone tells all of. */
const bare = z.looseObject({})

interface Event {
  name: EventName
  details: z.ZodType<EventDetails[EventName]>
}

const event = <Name extends EventName>(name: Name, details: z.ZodType<EventDetails[Name]>): Event => ({
  name,
  details,
})

/** By `eventType`: the name used here, and what `details` must be. */
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
  [13, event('high_availability_registered', bare)],
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
  [61, event('vod_triggered', bare)],
  [70, event('web_recorder_started', z.looseObject({ recorderStartTime: number }))],
  [
    71,
    event('web_recorder_stopped', z.looseObject({ code: numeric, message: text, details: text, fileList })),
  ],
  [72, event('web_recorder_capability_limit', z.looseObject({ limitType: text }))],
  [73, event('web_recorder_reload', z.looseObject({ reason: text }))],
  [80, event('transcoder_started', bare)],
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
