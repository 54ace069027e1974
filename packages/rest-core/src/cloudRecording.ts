import type { AcquireAnswer, QueryAnswer, StartAnswer, StopAnswer, UpdateAnswer } from './answers/answers.ts'
import type { CallName } from './call.ts'
import type { Clock } from './clock.ts'
import type { LogEntry } from './log.ts'
import type { Quota } from './quota/quotaTypes.ts'
import type {
  AcquireRequest,
  Area,
  QueryRequest,
  StartRequest,
  StopRequest,
  UpdateLayoutRequest,
  UpdateRequest,
} from './requests/calls.ts'
import type { Mode } from './requests/identity.ts'

export interface CloudRecordingOptions {
  appId: string
  customerId: string
  customerSecret: string
  /** Where this client runs; decides which of Agora's hosts are tried. Without it no adjacent region is tried. */
  area?: Area
  /** Hosts to use instead of Agora's, e.g. `['http://127.0.0.1:4100']`; each is tried once, in this order. */
  baseUrls?: readonly string[]
  /** Limits the requests per second of the App ID. Share one between clients. @default 10 per second for this client */
  quota?: Quota
  fetch?: typeof fetch
  /** Used for waits, deadlines and timestamps. Request timeouts run on real timers. */
  clock?: Clock
  /** Source of jitter: from 0 to below 1. @default Math.random */
  random?: () => number
  /** Every documented wait is multiplied by this; below 1 only against an emulator. @default 1 */
  backoffScale?: number
  /** Seconds for one try, from connecting to the last byte of the body. @default 10 */
  timeout?: number
  /**
   * Seconds for one call with all its tries, the waits between them and its time in the quota's queue; at most 3600.
   * The default allows four tries of 10 s, the waits between them, and 38 s in the queue.
   * @default 90
   */
  deadline?: number
  log?: (entry: LogEntry) => void
  /**
   * Headers for every request, such as for a proxy. They may replace `User-Agent` and `Accept`, but not the headers of
   * the credentials and the body.
   */
  headers?: Readonly<Record<string, string>>
  /**
   * Called before each HTTP request, retries included, for tracing. The headers that it returns are added to the
   * request, and their values are in no error. It is called before the wait for the quota, and awaited at most until the
   * call's deadline or abort; a request whose call ends by then is not sent.
   * If it throws or returns an invalid header, the request is not sent, and the call rejects with an {@link AbortedError}
   * whose `cause` is what it threw, or an {@link InvalidOptionsError}.
   */
  beforeRequest?: (request: RequestDetails) => ExtraHeaders | Promise<ExtraHeaders>
}

type ExtraHeaders = Readonly<Record<string, string>> | undefined

/** An HTTP request before it is sent, without credentials and body. */
export interface RequestDetails {
  call: CallName
  method: 'GET' | 'POST'
  url: string
  /** Counts from 1 within one call. */
  tries: number
}

export interface CallOptions {
  signal?: AbortSignal
  /**
   * When it aborts, no further try begins: a backoff and a wait in the quota's queue end immediately, and the call rejects
   * as if aborted. A try that has been sent gets its answer. For a process that shuts down.
   */
  drainSignal?: AbortSignal
  /** Seconds for one try, instead of the client's. */
  timeout?: number
  /** Seconds for the call with all its tries and waits, instead of the client's. */
  deadline?: number
  /**
   * Called right before each try, after its wait, because the caller may no longer need the call by then. If it
   * resolves to `false`, the try is not sent and the call rejects as if aborted. If it rejects, the call
   * rejects with an {@link AbortedError} that has its error as `cause`. It is awaited at most until the call's deadline
   * or abort. It should be fast: the quota has counted the try.
   */
  mayTry?: () => Promise<boolean>
  /**
   * What to do with fields that this version does not know: `refuse` (default) rejects the call, because most are
   * misspelt, and Agora refuses or ignores them; `send` sends them as they are and logs advice. For fields that Agora has
   * introduced after this version.
   */
  unknownFields?: 'refuse' | 'send'
}

type ChannelMode = Exclude<Mode, 'web'>

/**
 * Each call rejects with a {@link CloudRecordingError} and nothing else. A call tries the hosts once; `retry` and the
 * recipes retry it as its verdict says.
 */
export interface CloudRecording {
  /** Reserves a resource for one recording. It is valid for five minutes; call `start` within two seconds. */
  acquire(request: AcquireRequest, options?: CallOptions): Promise<AcquireAnswer>
  /** Starts a recording. If this rejects, read `error.startOutcome` before starting anything again. */
  start(request: StartRequest, options?: CallOptions): Promise<StartAnswer>
  query(request: QueryRequest<'web'>, options?: CallOptions): Promise<QueryAnswer<'web'>>
  query(request: QueryRequest<ChannelMode>, options?: CallOptions): Promise<QueryAnswer<ChannelMode>>
  /** For a mode that is only known at run time: the answer has the files of every mode. */
  query(request: QueryRequest, options?: CallOptions): Promise<QueryAnswer>
  /** Wait for the answer before sending the next update. */
  update(request: UpdateRequest, options?: CallOptions): Promise<UpdateAnswer>
  /** Composite mode only. Replaces the whole layout: fields that are not given return to their defaults. */
  updateLayout(request: UpdateLayoutRequest, options?: CallOptions): Promise<UpdateAnswer>
  stop(request: StopRequest<'web'>, options?: CallOptions): Promise<StopAnswer<'web'>>
  stop(request: StopRequest<ChannelMode>, options?: CallOptions): Promise<StopAnswer<ChannelMode>>
  stop(request: StopRequest, options?: CallOptions): Promise<StopAnswer>
  /**
   * The IP addresses that notifications are sent from, for a firewall's allowlist; at least one. Agora changes them,
   * so read them at least every 24 hours.
   */
  notificationServers(options?: CallOptions): Promise<string[]>
  /** Waits `seconds` times `backoffScale` on the client's clock. Recipes wait with this. */
  wait(seconds: number, signal?: AbortSignal): Promise<void>
  /** The client's clock, in milliseconds since the Unix epoch. Recipes measure ages with this. */
  now(): number
}
