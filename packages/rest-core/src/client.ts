import type { AcquireAnswer, QueryAnswer, StartAnswer, StopAnswer, UpdateAnswer } from './answers/answers.ts'
import type { Clock } from './clock.ts'
import type { LogEntry } from './log.ts'
import type {
  AcquireRequest,
  Area,
  QueryRequest,
  StartRequest,
  StopRequest,
  UpdateRequest,
} from './requests/calls.ts'

export type CloudRecordingOptions = {
  appId: string
  customerId: string
  customerSecret: string
  /** Where the recordings shall run and which hosts are near. */
  area?: Area
  /** Instead of Agora's own hosts, e.g. `['http://127.0.0.1:4100']`; tried in this order. */
  baseUrls?: readonly string[]
  fetch?: typeof fetch
  /** For waits and time stamps. Time-outs of requests run on real timers. */
  clock?: Clock
  /** Every documented wait is multiplied by this. Default 1; below 1 only against an emulator. */
  backoffScale?: number
  /** Seconds for one try, from connecting to the last byte of the body. Default 10. */
  timeout?: number
  log?: (entry: LogEntry) => void
}

export type CallOptions = {
  signal?: AbortSignal
  /** Seconds for one try, instead of the client's. */
  timeout?: number
}

/** Each call rejects with a {@link CloudRecordingError} and nothing else. */
export interface CloudRecording {
  /** Reserves a resource: good for one recording, for five minutes; start within two seconds. */
  acquire(request: AcquireRequest, options?: CallOptions): Promise<AcquireAnswer>
  /** Starts. If it rejects, read `error.outcome` before starting anything again. */
  start(request: StartRequest, options?: CallOptions): Promise<StartAnswer>
  query(request: QueryRequest, options?: CallOptions): Promise<QueryAnswer>
  /** Wait for one update's answer before the next. */
  update(request: UpdateRequest, options?: CallOptions): Promise<UpdateAnswer>
  stop(request: StopRequest, options?: CallOptions): Promise<StopAnswer>
  /** Waits `seconds` times `backoffScale` on the client's clock: what recipes wait with. */
  pause(seconds: number, signal?: AbortSignal): Promise<void>
}
