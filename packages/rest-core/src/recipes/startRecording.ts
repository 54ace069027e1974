import type { CloudRecordingError } from '../errors.ts'
import type { AcquireClientRequest } from '../requests/calls.ts'
import type { Identity } from '../requests/identity.ts'
import type { WebStartRequest } from '../requests/web.ts'

export type StartRecordingRequest = Identity & {
  clientRequest: WebStartRequest
  /** For acquire: `scene` and `startParameter` are added here, so that they agree with start. */
  acquire?: Omit<AcquireClientRequest, 'scene' | 'startParameter'>
  /**
   * The resource of an earlier run whose start may have been sent. Then nothing is acquired and the same
   * start is sent again, which can never record twice.
   */
  resourceId?: string
  /** Write-ahead: store the resource before start is sent with it. If it rejects, nothing is started. */
  onResource: (resourceId: string) => Promise<void>
  signal?: AbortSignal
  /** Seconds for one HTTP try, instead of the client's. */
  timeout?: number
}

export type StartRecordingResult =
  | { outcome: 'started'; sid: string; resourceId: string }
  /** It runs, started by us, and the answer had no sid: the first notification with cname and uid has it. */
  | { outcome: 'running'; resourceId: string }
  | {
      outcome: 'notStarted'
      error: CloudRecordingError
      /** Whether a later try may succeed without anybody changing the request or the account. */
      retryable: boolean
      /** false for quota and capacity (406, 429, 502): they say nothing about this recording. */
      countsAsFailure: boolean
      /** true: the cname and uid are being recorded by somebody else's start (53); take another uid. */
      conflict?: boolean
    }
  /** It may be running. Run again with this `resourceId`, or find it by its notifications. */
  | { outcome: 'unknown'; resourceId: string; error: CloudRecordingError }
