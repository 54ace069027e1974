import type { EmulatorLogEntry } from './log.ts'

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
