interface EventDescription {
  /** `details.msgName`. */
  msgName: string
  /** 0 service, 1 recorder, 2 uploader, 4 extension, 6 web page recorder, 8 downloader. */
  serviceType: number
}

/** The events of cloud recording (https://docs.agora.io/en/cloud-recording/reference/rest-api-overview; 34 is not there). */
const EVENTS: ReadonlyMap<number, EventDescription> = new Map([
  [1, { msgName: 'cloud_recording_error', serviceType: 2 }],
  [2, { msgName: 'cloud_recording_warning', serviceType: 0 }],
  [3, { msgName: 'cloud_recording_status_update', serviceType: 0 }],
  [4, { msgName: 'cloud_recording_file_infos', serviceType: 0 }],
  [11, { msgName: 'session_exit', serviceType: 0 }],
  [12, { msgName: 'session_failover', serviceType: 0 }],
  [13, { msgName: 'high_availability_registered', serviceType: 0 }],
  [30, { msgName: 'uploader_started', serviceType: 2 }],
  [31, { msgName: 'uploaded', serviceType: 2 }],
  [32, { msgName: 'backuped', serviceType: 2 }],
  [33, { msgName: 'uploading_progress', serviceType: 2 }],
  [34, { msgName: 'sts_token_expired', serviceType: 2 }],
  [40, { msgName: 'recorder_started', serviceType: 1 }],
  [41, { msgName: 'recorder_leave', serviceType: 1 }],
  [42, { msgName: 'recorder_slice_start', serviceType: 1 }],
  [43, { msgName: 'recorder_audio_stream_state_changed', serviceType: 1 }],
  [44, { msgName: 'recorder_video_stream_state_changed', serviceType: 1 }],
  [45, { msgName: 'recorder_snapshot_file', serviceType: 1 }],
  [60, { msgName: 'vod_started', serviceType: 4 }],
  [61, { msgName: 'vod_triggered', serviceType: 4 }],
  [70, { msgName: 'web_recorder_started', serviceType: 6 }],
  [71, { msgName: 'web_recorder_stopped', serviceType: 6 }],
  [72, { msgName: 'web_recorder_capability_limit', serviceType: 6 }],
  [73, { msgName: 'web_recorder_reload', serviceType: 6 }],
  [80, { msgName: 'transcoder_started', serviceType: 0 }],
  [81, { msgName: 'transcoder_completed', serviceType: 0 }],
  [90, { msgName: 'download_failed', serviceType: 8 }],
  [100, { msgName: 'rtmp_publish_status', serviceType: 6 }],
  [1001, { msgName: 'postpone_transcode_final_result', serviceType: 0 }],
])

/** Undefined for an event that Agora does not document. */
export const msgNameOf = (event: number): string | undefined => EVENTS.get(event)?.msgName

/** By `details.module` of event 1: the recorder, the uploader, the service, the web page recorder. */
const SERVICE_TYPES_OF_MODULES: Readonly<Record<number, number>> = { 0: 1, 1: 2, 2: 0, 6: 6 }

/** 0 (the service) for an event that Agora does not document. */
export const serviceTypeOf = (event: number, { module }: Record<string, unknown>): number => {
  const ofModule = event === 1 && typeof module === 'number' ? SERVICE_TYPES_OF_MODULES[module] : undefined
  return ofModule ?? EVENTS.get(event)?.serviceType ?? 0
}
