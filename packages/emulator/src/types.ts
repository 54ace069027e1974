/** The time of an emulator. Inject one of your own, so that tests need not wait. */
export interface EmulatorClock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs `run` once, after `delayMs`. Returns a function that cancels it. */
  after(delayMs: number, run: () => void): () => void
}

/** Where notifications are sent, and the secret that signs them. */
export interface NotificationTarget {
  url: string
  secret: string
}

/** How the recordings of tasks are written. */
export interface RecordOptions {
  /** Folder of the files; it is created if it is missing. A file has the path here that it would have in the bucket. */
  directory: string
  /** ffmpeg's executable. @default `FFMPEG_PATH`, else the first `ffmpeg` on `PATH` */
  ffmpeg?: string
  /** Frames per second of the files, whatever `videoFps` is. @default 10 */
  fps?: number
  /** Largest width or height of the files, in pixels: larger pages are scaled down, smaller ones are not scaled. @default 640 */
  longestSide?: number
  /** Length of a slice. @default 15, as at Agora */
  sliceSeconds?: number
}

/** The options of `startEmulator` and `createInProcessEmulator`. */
export interface EmulatorOptions {
  /** Address to listen on. @default '127.0.0.1' */
  host?: string
  /** Port to listen on; 0 chooses a free one. @default 0 */
  port?: number
  appId: string
  customerId: string
  customerSecret: string
  /** Without it no notifications are sent until `setNotificationTarget` is called. */
  notifications?: NotificationTarget
  /**
   * False: no page is opened. It counts as open immediately, and only the command `notifyReady` calls
   * `navigator.notifyReady()`. @default true
   */
  browser?: boolean
  /**
   * Writes the recordings as HLS slices and MP4 files, and uploads them if the storage is S3-compatible (vendor 11). The
   * server offers them at `/_files/`. It needs a browser, and ffmpeg. @default nothing is written
   */
  record?: RecordOptions
  /**
   * Seconds from `start` until the page is opened; at Agora about 5.
   * @default 5, and 0 without a browser
   */
  openDelay?: number
  /**
   * Seconds from a stop or failure until the upload is done and the task has ended. Until then query returns status 6
   * (20 after a failure), and another stop is answered 400/49 (HTTP status/Agora's code). Above 20 s, a synchronous stop
   * is answered with code 50, because Agora waits 20 s for the upload.
   * @default 0.5
   */
  exitDelay?: number
  /** Largest number of tasks at the same time; beyond it `acquire` is answered 400/406. @default 200 */
  concurrency?: number
  /** Requests per second, beyond which they are answered 429; null for no limit. @default 10 */
  qps?: number | null
  /** Length in seconds of an hour of `maxRecordingHour`, `resourceExpiredHour` and `maxVideoDuration`. @default 3600 */
  hourSeconds?: number
  /** @default systemClock */
  clock?: EmulatorClock
  /**
   * Answers in Agora's name as well, for clients that have no base URL: with a TLS port, and as the proxy that
   * `HTTPS_PROXY` names. The certificate authority is kept in a folder. Only with a server.
   * @default none
   */
  tls?: {
    /** 0 chooses a free one. @default 0 */
    port?: number
    /** It is created if it is missing. @default '.stillrolling/emulator' in the home folder */
    folder?: string
  }
  /**
   * The App Certificate: the RTC tokens of channel tasks are checked with it, and refused with code 109 or 110. Both it and
   * `appId` have 32 hexadecimal digits. @default tokens are not checked
   */
  appCertificate?: string
  /** Users of every channel, until a command says otherwise. @default 0 */
  users?: number
  /**
   * Seconds from the first media in a channel until query names its files.
   * @default 15 in composite and 60 in individual mode, as at Agora
   */
  fileDelay?: number
  /** Called for everything that happens. Entries contain no secrets. */
  log?: (entry: EmulatorLogEntry) => void
}

/** How Agora records: each user of a channel apart, all together (composite), or a web page. */
export type Mode = 'individual' | 'mix' | 'web'

/** `payload.serviceScene` of notifications. */
export type ServiceScene = 'rtc_record' | 'rtc_snapshot' | 'web_record'

/**
 * `starting`: before the page is opened or the channel is joined · `opening`: the page is being opened, or has not called
 * `notifyReady` yet · `paused`: the page is open and nothing is recorded, because `onhold` is true · `idle`: nobody whom it
 * records is in the channel · `recording` · `exiting`: stopped or failed, uploading · `ended`.
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

/** The calls of the REST API that the emulator carries out. */
export type Call = 'acquire' | 'start' | 'query' | 'update' | 'updateLayout' | 'stop'

/** A REST call that arrived. Storage keys in `body` are replaced by `***`. */
export interface CallView {
  /** Counts from 1. */
  number: number
  /** ISO 8601, with milliseconds. */
  at: string
  /** Null for a route that Agora does not have. */
  call: Call | 'ncsIp' | null
  method: string
  path: string
  cname: string | null
  uid: string | null
  sid: string | null
  body: unknown
  /** HTTP status of the answer; null before the answer, and if a fault lost it. */
  status: number | null
  /** Body of the answer; null whenever `status` is. */
  answer: unknown
  /** What is wrong with a request that was refused, because Agora's reasons say little; null if nothing is known. */
  detail: string | null
  /** Id of the fault that was applied; null if none was. */
  fault: string | null
}

/** Limits a fault to the recordings that match every given field. */
export interface FaultMatch {
  cname?: string
  uid?: string
}

/** How long a fault is active: for a number of uses, or for a number of seconds. By default for one use. */
export type FaultLifetime =
  | { times?: number; forSeconds?: undefined }
  | { times?: undefined; forSeconds: number }

/** What happens to a call that a fault applies to. */
export type CallFaultThen =
  /** Answers instead of the service: with `code` and `reason` as the service does, with `message` as the gateway does. */
  | { status: number; code?: number; reason?: string; message?: string }
  /** Answers with this text as the body. */
  | { status: number; body: string }
  /**
   * Carries out the call, but loses the answer: `hang` sends nothing until the client gives up, `reset` resets the
   * connection. @default 'hang'
   */
  | { loseAnswer: true; how?: 'hang' | 'reset' }
  /** Carries out the call after this many seconds. */
  | { delay: number }
  /** Closes the connection without carrying out the call. */
  | { drop: true }

/**
 * What happens to a notification that a fault applies to: `drop` does not send it, `double` sends it twice, `redundant`
 * sends it twice with different `noticeId`s (as Agora does if redundant notifications are enabled), `reorder` sends it after the
 * next one of its recording, `delay` after this many seconds.
 */
export type NotificationFaultThen = 'drop' | 'double' | 'redundant' | 'reorder' | { delay: number }

/** A fault to inject into a call or a notification. */
export type FaultRequest = FaultLifetime & { match?: FaultMatch } & (
    | { on: 'call'; call: Call; then: CallFaultThen }
    | { on: 'notification'; event?: number; then: NotificationFaultThen }
  )

/** An injected fault that is still active. */
export type FaultView = FaultRequest & {
  id: string
  /** ISO 8601. */
  createdAt: string
  /** How often the fault has been applied. */
  used: number
}

/** `limitType` of event 72. */
export type LimitType = 'resolution' | 'WebGL' | 'bandwidth'

/** A command to the page of a task. */
export type PageCommand =
  /** Kills the page's renderer. The task keeps recording, and no notification is sent. */
  | { do: 'killPage' }
  /** Halts the page's main thread, so that no script or timer runs. The task keeps recording. */
  | { do: 'freezePage' }
  /** Takes the page offline. The page keeps running with what it has loaded, and the task keeps recording. */
  | { do: 'cutOffPage' }
  /** Sends event 72, and ends the task with code 2. */
  | { do: 'capabilityLimit'; limitType: LimitType }
  /** Calls `navigator.notifyReady()` in place of the page. Only without a browser. */
  | { do: 'notifyReady' }

/**
 * Changes who is in a channel, for all tasks that record it now or later. Each user sends audio and video. With `count` the
 * last ones leave, or further ones come with the lowest free uids from 1 on; `uids` names all of them.
 */
export type ChannelCommand = { do: 'users'; count: number } | { do: 'users'; uids: string[] }

/** Another server takes over the task: it is answered 404/404 for `seconds`; then events 12 and 13 come. */
export interface FailoverCommand {
  do: 'failover'
  /** @default 30 */
  seconds?: number
  /** The uid of the server that takes over. @default the task's uid + 4000000000, within a uid's range */
  newUid?: string
  /**
   * The server that fails is `silent` from then on, `ends` its session with events 31 and 11 under the original uid after the
   * takeover, or `continues` to report every event beside the new one. @default 'silent'
   */
  former?: 'silent' | 'ends' | 'continues'
}

/** Sends a notification of a task, also of one that has ended. */
export interface NotifyCommand {
  do: 'notify'
  /** Any number, also of an event that Agora does not have. */
  event: number
  /** `msgName` is added for the events that Agora documents. @default {} */
  details?: Record<string, unknown>
  /** @default the uid of the server that records: the task's, and after a failover `newUid` */
  uid?: string
  /** Sends it twice, with different `noticeId`s. @default false */
  redundant?: boolean
}

/** A command to a running task. */
export type TaskCommand =
  /**
   * Ends the task: 0 as a call of stop does, other codes as a failure. The page of a task has all codes, with event 71; a
   * channel has 0 and 6 (the recorder dies: event 1, level 5, and 11 with exitStatus 1).
   */
  | { do: 'stop'; code: StopCode }
  /** Answers query, update and stop with 404/404 for this many seconds while the task continues. */
  | { do: 'notFound'; seconds: number }
  /** Changes how the task's files fare from now on. Back to `ok`, event 33 says that all files are uploaded. */
  | { do: 'uploads'; as: Uploads }
  | FailoverCommand
  | NotifyCommand
  | PageCommand
  | ChannelCommand

/** Something that happened, for a log. `at` is in ms since the epoch. */
export type EmulatorLogEntry = { at: number } & (
  | { type: 'call'; call: CallView }
  | { type: 'task'; sid: string; cname: string; uid: string; message: string }
  | {
      type: 'notification'
      sid: string
      cname: string
      event: number
      noticeId: string
      outcome:
        | 'delivered'
        /** A retry follows. */
        | 'failed'
        /** No retry follows. */
        | 'givenUp'
        | 'noReceiver'
        | 'dropped'
        | 'delayed'
        | 'doubled'
        | 'reordered'
      detail?: string
    }
  | { type: 'fault'; change: 'created' | 'removed'; fault: FaultView }
  | { type: 'browser'; message: string }
)

/** Controls an emulator and shows its state. The control API offers the same over HTTP. */
export interface EmulatorControls {
  /** All running tasks and the last 1000 that have ended, oldest first. */
  tasks(): TaskView[]
  /** The last 5000 REST calls, oldest first. */
  requests(): CallView[]
  /**
   * @throws {ControlError} if the request is not valid
   * @example
   * const emulator = createInProcessEmulator({ appId: 'app', customerId: 'id', customerSecret: 'secret' })
   * // The next two starts of class42 are answered 206/65.
   * emulator.injectFault({
   *   on: 'call',
   *   call: 'start',
   *   match: { cname: 'class42' },
   *   times: 2,
   *   then: { status: 206, code: 65, reason: 'request not completed' },
   * })
   */
  injectFault(request: FaultRequest): FaultView
  /** The faults that are still active, oldest first. */
  faults(): FaultView[]
  /** Removes one fault, or all without an id. Returns false if no fault has that id. */
  clearFaults(id?: string): boolean
  /** The channels whose users have been set, and those that have been recorded. */
  channels(): ChannelView[]
  /** @throws {ControlError} if the task is unknown or has stopped, or if the command does not apply to it */
  runCommand(sid: string, command: TaskCommand): Promise<void>
  /**
   * Changes who is in a channel, also before it is recorded.
   *
   * @throws {ControlError} if the command is not valid
   * @example
   * const emulator = createInProcessEmulator({ appId: 'app', customerId: 'id', customerSecret: 'secret' })
   * emulator.runChannelCommand('class42', { do: 'users', count: 2 })
   * emulator.channels() // => [{ cname: 'class42', users: ['1', '2'], tasks: [] }]
   */
  runChannelCommand(cname: string, command: ChannelCommand): void
  /** Changes where notifications are sent from now on; null sends none. */
  setNotificationTarget(target: NotificationTarget | null): void
}

/** Where the emulator answers in Agora's name. */
export interface EmulatorTls {
  port: number
  /** File with the certificate of the emulator's authority, for clients that add it to those that they know. */
  caFile: string
  /** File with the same and the public authorities, for clients that replace those that they know. */
  bundleFile: string
  /** A module for `node --import` that connects a Node program with the emulator instead of Agora. */
  nodeHookFile: string
}

/** An emulator with a server. */
export interface Emulator extends EmulatorControls {
  /** The base URL for clients, in place of `https://api.agora.io`. */
  url: string
  /** Base URL of the control API. */
  controlUrl: string
  /** Null without the option `tls`. */
  tls: EmulatorTls | null
  /** Ends all tasks without notifications, and closes the browser and the server. Never rejects; idempotent. */
  close(): Promise<void>
}

/** An emulator without a server. */
export interface InProcessEmulator extends EmulatorControls {
  /**
   * Treats every request as one to Agora, whatever its host. If a fault resets or closes the connection, rejects as
   * Node's own `fetch` does, with `ECONNRESET` as the cause; if a fault makes the call hang, rejects when the
   * request's signal aborts.
   */
  fetch: typeof fetch
  /** Ends all tasks without notifications, and closes the browser. */
  close(): Promise<void>
}
