/** Schedules on the emulator's time. Injected, so that tests never sleep. */
export interface EmulatorClock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs `run` once, `delayMs` from now; the returned function calls it off. */
  after(delayMs: number, run: () => void): () => void
}

/** Where notifications go, and the secret that signs them. */
export interface NotificationTarget {
  url: string
  secret: string
}

export interface EmulatorOptions {
  /** Address to listen on. @default '127.0.0.1' */
  host?: string
  /** 0 takes a free one. @default 0 */
  port?: number
  appId: string
  customerId: string
  customerSecret: string
  /** Absent: no notification is sent. Can be set later with `emulator.notify`. */
  notifications?: NotificationTarget
  /**
   * False: tasks live without a page. It counts as opened at once, and `navigator.notifyReady()` is called only by
   * a control command. @default true
   */
  browser?: boolean
  /**
   * Seconds from `start` until the page is opened. Agora: about 5.
   * @default 5, and 0 without a browser
   */
  openDelay?: number
  /**
   * Seconds the recorder takes to leave and upload once it is told to stop or breaks. Meanwhile query says status 6
   * and a further stop is answered 400/49. Above 20, a synchronous stop is answered with code 50. @default 0.5
   */
  exitDelay?: number
  /** Tasks at once; above it `acquire` answers 400/406. @default 200 */
  concurrency?: number
  /** Requests per second, above it 429; null for no limit. @default 10 */
  qps?: number | null
  /** Length in seconds of an hour of `maxRecordingHour` and `resourceExpiredHour`. @default 3600 */
  hourSeconds?: number
  clock?: EmulatorClock
  /** Told of everything that happens, for a log. Carries no secrets. */
  log?: (event: EmulatorLogEntry) => void
}

/**
 * `starting`: before the page is opened · `opening`: the page is being opened, or has not said it is ready ·
 * `paused`: opened with `onhold`, nothing is recorded · `recording` · `exiting`: stopped or broken, uploading · `ended`.
 */
export type TaskState = 'starting' | 'opening' | 'paused' | 'recording' | 'exiting' | 'ended'

/** What became of the page: `crashed` and `frozen` are unknown to the REST answers, as they are at Agora. */
export type PageState = 'none' | 'open' | 'crashed' | 'frozen' | 'closed'

/** `code` of event 71. 0 ok · 1 max_recording_hour · 2 capability_limit · 3 start_engine_failed · 4 page_load_timeout · 5 access_url_failed · 6 recorder_error. */
export type StopCode = 0 | 1 | 2 | 3 | 4 | 5 | 6

export interface TaskFile {
  filename: string
  /** Milliseconds since the epoch. */
  sliceStartTime: number
}

/** A task as the emulator knows it, which is more than its REST answers tell. Times are ISO 8601. */
export interface TaskView {
  sid: string
  resourceId: string
  cname: string
  uid: string
  url: string
  state: TaskState
  /** What query says as `serverResponse.status`. */
  status: number
  page: PageState
  /** Whether the page called `navigator.notifyReady()`. */
  ready: boolean
  /** Times the recorder reloaded the page because it did not say it is ready (event 73). */
  reloads: number
  onhold: boolean
  startedAt: string
  openedAt: string | null
  recordingAt: string | null
  endedAt: string | null
  /** Code and message of event 71, once there was one. */
  stop: { code: StopCode; message: string } | null
  files: TaskFile[]
}

export type Call = 'acquire' | 'start' | 'query' | 'update' | 'updateLayout' | 'stop'

/** One REST call that arrived. Storage keys in `body` are replaced by `***`. */
export interface CallView {
  number: number
  /** ISO 8601, with milliseconds. */
  at: string
  /** Null for routes Agora does not have. */
  call: Call | 'ncsIp' | null
  method: string
  path: string
  cname: string | null
  uid: string | null
  sid: string | null
  body: unknown
  /** HTTP status and body of the answer the client got; null while none was sent, or when a fault lost it. */
  status: number | null
  answer: unknown
  /** Id of the fault that took part. */
  fault: string | null
}

export type NotifiedEvent = 11 | 31 | 40 | 70 | 71 | 72 | 73

export interface FaultMatch {
  cname?: string
  uid?: string
}

/** How long a fault lives: a number of uses or a time. With neither it is used once. */
export type FaultLifetime =
  | { times?: number; forSeconds?: undefined }
  | { times?: undefined; forSeconds: number }

export type CallFaultThen =
  /** Answered in place of the service: `code` + `reason` as the service, `message` as the gateway. */
  | { status: number; code?: number; reason?: string; message?: string }
  /** Answered with this body as it is. */
  | { status: number; body: string }
  /** The call is really done, but its answer never arrives: `hang` (until the client gives up) or `reset`. @default 'hang' */
  | { loseAnswer: true; how?: 'hang' | 'reset' }
  /** Seconds; the call is done afterwards. */
  | { delay: number }
  /** The connection is dropped and nothing is done. */
  | { drop: true }

export type NotificationFaultThen = 'drop' | 'double' | 'reorder' | { delay: number }

export type FaultRequest = FaultLifetime & { match?: FaultMatch } & (
    | { on: 'call'; call: Call; then: CallFaultThen }
    | { on: 'notification'; event?: NotifiedEvent; then: NotificationFaultThen }
  )

export type FaultView = FaultRequest & {
  id: string
  createdAt: string
  used: number
}

export type LimitType = 'resolution' | 'WebGL' | 'bandwidth'

/** What can be done to a task that lives. */
export type TaskCommand =
  /** Ends it with event 71 and this code. */
  | { do: 'stop'; code: StopCode }
  /** query, update and stop answer 404/404 for this many seconds while the task goes on. */
  | { do: 'notFound'; seconds: number }
  /** Kills the page's renderer. The task goes on recording and nobody is told. */
  | { do: 'killPage' }
  /** Halts the page's main thread: no script or timer of it runs any more. The task goes on recording. */
  | { do: 'freezePage' }
  /** Cuts the page off from the network: it lives and plays what it has, and nobody hears it. The task goes on recording. */
  | { do: 'cutOffPage' }
  /** Event 72, then the end with code 2. */
  | { do: 'capabilityLimit'; limitType: LimitType }
  /** The page calls `navigator.notifyReady()`. Without a browser only. */
  | { do: 'notifyReady' }

/** Everything that happens, for a log. `at` is in milliseconds since the epoch. */
export type EmulatorLogEntry = { at: number } & (
  | { type: 'call'; call: CallView }
  | { type: 'task'; sid: string; cname: string; uid: string; what: string }
  | {
      type: 'notification'
      sid: string
      cname: string
      event: NotifiedEvent
      noticeId: string
      outcome:
        | 'delivered'
        | 'failed'
        | 'givenUp'
        | 'noReceiver'
        | 'dropped'
        | 'delayed'
        | 'doubled'
        | 'reordered'
      detail?: string
    }
  | { type: 'fault'; what: 'created' | 'removed'; fault: FaultView }
  | { type: 'browser'; what: string }
)

/** What is done to an emulator from beside, however its requests come. */
export interface EmulatorControls {
  tasks(): TaskView[]
  /** The last 5000 REST calls, oldest first. */
  requests(): CallView[]
  /** @throws {ControlError} if the request is not valid. */
  injectFault(request: FaultRequest): FaultView
  faults(): FaultView[]
  /** Removes one fault, or all. False if there was none with that id. */
  clearFaults(id?: string): boolean
  /** @throws {ControlError} if the task is unknown, has ended, or the command does not fit it. */
  runCommand(sid: string, command: TaskCommand): Promise<void>
  /** Sends notifications there from now on; null to send none. */
  setNotificationTarget(target: NotificationTarget | null): void
}

export interface Emulator extends EmulatorControls {
  /** The base URL, in place of `https://api.agora.io`. */
  url: string
  controlUrl: string
  /** Ends every task without a word, the browser and the server. Never rejects, may be called twice. */
  close(): Promise<void>
}

export interface InProcessEmulator extends EmulatorControls {
  /**
   * Takes every request as one to Agora, whatever its host. A lost answer rejects as Node's own `fetch` does, with
   * `ECONNRESET` as the cause; a hung one rejects when the request's signal aborts.
   */
  fetch: typeof fetch
  /** Ends every task without a word, and the browser. */
  close(): Promise<void>
}
