/** How Agora records: each user of a channel separately, all together (composite), or a web page. */
export type Mode = 'individual' | 'mix' | 'web'

/** `payload.serviceScene` of notifications. */
export type ServiceScene = 'rtc_record' | 'rtc_snapshot' | 'web_record'

/**
 * `starting`: before the page is opened or the channel is joined · `opening`: the page is being opened, or has not called
 * `notifyReady` yet · `paused`: the page is open and nothing is recorded, because `onhold` is true · `idle`: no user whom the
 * task records is in the channel · `recording` · `exiting`: stopped or failed, uploading · `ended`.
 */
export type TaskState = 'starting' | 'opening' | 'paused' | 'idle' | 'recording' | 'exiting' | 'ended'

/** State of a task's page. As at Agora, query does not reveal `crashed` and `frozen`. */
export type PageState = 'none' | 'open' | 'crashed' | 'frozen' | 'closed'

/**
 * `code` of event 71: 0 ok · 1 max_recording_hour · 2 capability_limit · 3 start_engine_failed · 4 page_load_timeout ·
 * 5 access_url_failed · 6 recorder_error.
 */
export type StopCode = 0 | 1 | 2 | 3 | 4 | 5 | 6

/**
 * How a task's files fare: `ok` · `noFiles`: nothing is listed, and nothing uploaded · `failing`: event 1 of the uploader,
 * and at the end event 31 with status 3 · `backedUp`: at the end event 32 instead of 31 · `credentialsExpired`: event 34,
 * and then as `failing`.
 */
export type Uploads = 'ok' | 'noFiles' | 'failing' | 'backedUp' | 'credentialsExpired'

/** A file of a recording: one that was written, or without `record` one that there could be. */
export interface TaskFile {
  filename: string
  /** Milliseconds since the epoch. */
  sliceStartTime: number
}

export type Media = 'audio' | 'video'

/** What a track of a channel holds. */
export type TrackType = Media | 'audio_and_video'

/** A file of a channel's recording. Without media, no file is written. */
export interface ChannelFile extends TaskFile {
  /** The recorded user; `0` in composite mode. */
  uid: string
  trackType: TrackType
  mixedAllUser: boolean
  isPlayable: boolean
}

/** Whose audio or video is recorded. */
export type SubscribedUsers =
  | 'all'
  | { readonly only: readonly string[] }
  | { readonly except: readonly string[] }

/** A task, with facts that the REST API does not reveal. Times are ISO 8601. */
export type TaskView = PageTaskView | ChannelTaskView

/** What the views of all tasks have. */
export interface CommonTaskView {
  mode: Mode
  sid: string
  resourceId: string
  cname: string
  uid: string
  state: TaskState
  /** `serverResponse.status` of query. */
  status: number
  startedAt: string
  recordingAt: string | null
  endedAt: string | null
  /** How often another server has taken over. */
  failovers: number
  uploads: Uploads
  files: TaskFile[]
}

/** A task that records a web page. */
export interface PageTaskView extends CommonTaskView {
  mode: 'web'
  url: string
  page: PageState
  /** Whether the page has called `navigator.notifyReady()`. */
  ready: boolean
  /** How often the page was reloaded because it had not called `notifyReady` in time (event 73). */
  reloads: number
  onhold: boolean
  openedAt: string | null
  /** Code and message of event 71; null before it. */
  stop: { code: StopCode; message: string } | null
}

/** A task that records a channel. */
export interface ChannelTaskView extends CommonTaskView {
  mode: 'individual' | 'mix'
  /** The uids of the users in the channel, also of those who are not recorded. */
  users: string[]
  /** Since when no user has been in the channel; null if one is. */
  idleSince: string | null
  subscription: Readonly<Record<Media, SubscribedUsers>>
  /** The last request of updateLayout, else `transcodingConfig`; null without one. */
  layout: Record<string, unknown> | null
  /**
   * Why the task ended; null before. `leaveCode` is the bit mask of event 41, null if the recorder died; `exitStatus` is that of
   * event 11.
   */
  exit: { exitStatus: 0 | 1; leaveCode: number | null; reason: string } | null
  files: ChannelFile[]
}

/** A channel whose users have been set, or that has been recorded. */
export interface ChannelView {
  cname: string
  /** Their uids. */
  users: string[]
  /** The sids of the tasks that record it now, oldest first. */
  tasks: string[]
}
