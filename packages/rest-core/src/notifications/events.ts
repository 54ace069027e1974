import {
  type Extra,
  flag,
  list,
  number,
  object,
  objectOrEmpty,
  optional,
  type Reader,
  text,
  textual,
} from '../answers/reader.ts'
import { fileList, type RecordedFile } from '../answers/recordedFile.ts'

/** `status` of the uploader or the recorder; 0 is normal. */
type Status = Extra & { status?: number }
interface Files {
  fileList: RecordedFile[]
}
type StreamState = Extra & {
  /** `0` in composite mode, for all users together. */
  streamUid?: string
  /** See {@link STREAM_STATES}. */
  state?: number
  /** Unix time in milliseconds. */
  UtcMs?: number
}

/**
 * `details` of each event. Any field may be missing, also those by which one acts (71 without `code`): senders differ,
 * and a notification that is refused is lost. What is of another type, or undocumented, is in `extra`.
 */
export interface EventDetails {
  /** 1. See {@link ERROR_MODULES} and {@link ERROR_LEVELS}. `stat` 0 is normal. */
  cloud_recording_error: Extra & {
    module?: number
    errorLevel?: number
    errorCode?: number
    stat?: number
    errorMsg?: string
  }
  /** 2 */
  cloud_recording_warning: Extra & { module?: number; warnCode?: number }
  /**
   * 3: a call did not fit the recording's status ({@link QUERY_STATUSES}). `recordingMode` is 0 individual, 1 composite
   * in Agora's English reference, and the reverse in the Chinese one.
   */
  cloud_recording_status_update: Extra & Files & { status?: number; recordingMode?: number }
  /** 4: the playlist was uploaded for the first time. In web page mode only with HLS and MP4. */
  cloud_recording_file_infos: Extra & Files
  /** 11: the session ended. `exitStatus` 0 normal, 1 abnormal. */
  session_exit: Extra & { exitStatus?: number }
  /** 12: the recording continues on another server under `newUid`; see {@link sessionOf}. */
  session_failover: Extra & { newUid?: string }
  /** 13: from now on the recording survives the loss of its server. */
  high_availability_registered: Extra
  /** 30 */
  uploader_started: Status
  /** 31: every file is in the user's storage. */
  uploaded: Status & Files
  /** 32: like 31, but some files are in Agora's backup, which uploads them later. */
  backuped: Status & Files
  /** 33: once a minute; uploaded files divided by recorded files, times 10000. */
  uploading_progress: Extra & { progress?: number }
  /** 34: the temporary storage credentials have expired (`stsToken`). */
  sts_token_expired: Extra
  /** 40 */
  recorder_started: Status
  /** 41: see {@link leaveReasons}. */
  recorder_leave: Extra & { leaveCode?: number }
  /** 42: Unix times in milliseconds; after an interruption they differ by its duration. */
  recorder_slice_start: Extra & {
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
  recorder_snapshot_file: Extra & { fileName?: string }
  /** 60: ApsaraVideo for VoD. */
  vod_started: Extra & { aliVodInfo?: Extra & { videoId?: string } }
  /** 61 */
  vod_triggered: Extra
  /** 70: `recorderStartTime` is a Unix time in milliseconds. */
  web_recorder_started: Extra & { recorderStartTime?: number }
  /** 71: see {@link STOP_CODES}. */
  web_recorder_stopped: Extra & Files & { code?: number; message?: string; details?: string }
  /** 72: the page exceeds the recorder's limits (resolution, WebGL, bandwidth); the recording stops immediately. */
  web_recorder_capability_limit: Extra & { limitType?: string }
  /** 73: the recorder reloaded the page, because of `audio_silence` or `page_load_timeout`. */
  web_recorder_reload: Extra & { reason?: string }
  /** 80 */
  transcoder_started: Extra
  /** 81: `result` is `all_success`, `partial_success` or `fail`, for each uid `success` or `fail`. */
  transcoder_completed: Extra & {
    result?: string
    uids?: (Extra & Files & { uid?: string; result?: string })[]
  }
  /** 90: `fileName` may have several names, separated by `;`. */
  download_failed: Extra & { vendor?: number; region?: number; bucket?: string; fileName?: string }
  /** 100: `status` is `connecting`, `publishing`, `onhold` or `disconnected`. */
  rtmp_publish_status: Extra & { rtmpUrl?: string; status?: string }
  /** 1001: `result` is `total_success`, `partial_success` or `failed`. */
  postpone_transcode_final_result: Extra & Files & { result?: string }
}

export type EventName = keyof EventDetails

const streamState = objectOrEmpty<StreamState>({ streamUid: textual, state: number, UtcMs: number })
const status = objectOrEmpty<Status>({ status: number })
const upload = objectOrEmpty<Status & Files>({ status: number, fileList })
/** Events without documented details. */
const empty = objectOrEmpty<Extra>({})

interface Event {
  name: EventName
  details: Reader<EventDetails[EventName]>
}

const event = <Name extends EventName>(name: Name, details: Reader<EventDetails[Name]>): Event => ({
  name,
  details,
})

type Transcoded = NonNullable<EventDetails['transcoder_completed']['uids']>[number]
type VodInfo = NonNullable<EventDetails['vod_started']['aliVodInfo']>

/** By `eventType`: the event's name in this package, and the reader of its `details`. */
export const EVENTS: ReadonlyMap<number, Event> = new Map([
  [
    1,
    event(
      'cloud_recording_error',
      objectOrEmpty({ module: number, errorLevel: number, errorCode: number, stat: number, errorMsg: text }),
    ),
  ],
  [2, event('cloud_recording_warning', objectOrEmpty({ module: number, warnCode: number }))],
  [
    3,
    event(
      'cloud_recording_status_update',
      objectOrEmpty({ status: number, recordingMode: number, fileList }),
    ),
  ],
  [4, event('cloud_recording_file_infos', objectOrEmpty({ fileList }))],
  [11, event('session_exit', objectOrEmpty({ exitStatus: number }))],
  [12, event('session_failover', objectOrEmpty({ newUid: textual }))],
  [13, event('high_availability_registered', empty)],
  [30, event('uploader_started', status)],
  [31, event('uploaded', upload)],
  [32, event('backuped', upload)],
  [33, event('uploading_progress', objectOrEmpty({ progress: number }))],
  [34, event('sts_token_expired', empty)],
  [40, event('recorder_started', status)],
  [41, event('recorder_leave', objectOrEmpty({ leaveCode: number }))],
  [
    42,
    event(
      'recorder_slice_start',
      objectOrEmpty({
        startUtcMs: number,
        discontinueUtcMs: number,
        mixedAllUser: flag,
        streamUid: textual,
        trackType: text,
      }),
    ),
  ],
  [43, event('recorder_audio_stream_state_changed', streamState)],
  [44, event('recorder_video_stream_state_changed', streamState)],
  [45, event('recorder_snapshot_file', objectOrEmpty({ fileName: text }))],
  [60, event('vod_started', objectOrEmpty({ aliVodInfo: optional(object<VodInfo>({ videoId: text })) }))],
  [61, event('vod_triggered', empty)],
  [70, event('web_recorder_started', objectOrEmpty({ recorderStartTime: number }))],
  [
    71,
    event('web_recorder_stopped', objectOrEmpty({ code: number, message: text, details: text, fileList })),
  ],
  [72, event('web_recorder_capability_limit', objectOrEmpty({ limitType: text }))],
  [73, event('web_recorder_reload', objectOrEmpty({ reason: text }))],
  [80, event('transcoder_started', empty)],
  [
    81,
    event(
      'transcoder_completed',
      objectOrEmpty({
        result: text,
        uids: optional(list(object<Transcoded>({ uid: textual, result: text, fileList }))),
      }),
    ),
  ],
  [
    90,
    event('download_failed', objectOrEmpty({ vendor: number, region: number, bucket: text, fileName: text })),
  ],
  [100, event('rtmp_publish_status', objectOrEmpty({ rtmpUrl: text, status: text }))],
  [1001, event('postpone_transcode_final_result', objectOrEmpty({ result: text, fileList }))],
])
