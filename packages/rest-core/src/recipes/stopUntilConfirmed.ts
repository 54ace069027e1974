import type { StopAnswer } from '../answers/answers.ts'
import type { CallOptions, CloudRecording } from '../client.ts'
import {
  AlreadyStoppingError,
  type CloudRecordingError,
  NoRecordedDataError,
  NotFoundError,
  UploadUnfinishedError,
} from '../errors.ts'
import type { StopRequest } from '../requests/calls.ts'
import { attempt, paused } from './attempt.ts'
import { believed, LONGEST_FAILOVER, later, NO_NOT_FOUND, notFoundDelay } from './notFoundPatience.ts'
import { within } from './within.ts'

export type StopOptions = CallOptions & {
  /** Seconds after which it gives up. Default 300. */
  limit?: number
  /**
   * Seconds that 404s must last before they are believed. Default 90: the longest failover, so that no task that
   * comes back from one is left running. Not below 30 (5 + 10 + 15).
   */
  failoverWindow?: number
}

/** How Agora said that the recording ends: 200, 49, 435, 50, or 404s. */
export type StopConfirmation =
  | 'answered'
  | 'alreadyStopping'
  | 'noRecordedData'
  | 'uploadUnfinished'
  | 'notFound'

export type StopResult =
  | {
      outcome: 'stopped'
      by: StopConfirmation
      /** `uploaded`, `backuped` or `unknown`, if Agora said one. */
      uploadingStatus?: string
      /** Only with `by: 'answered'`. */
      answer?: StopAnswer
    }
  /** It may run on: refused (`error`), or the limit or the caller's signal came first. */
  | { outcome: 'unconfirmed'; aborted: boolean; error?: CloudRecordingError }

const DEFAULT_LIMIT = 300
/** Seconds, where a verdict names no delay: our own queue was too long. */
const PATIENT_DELAY = 30

/**
 * Sends stop until Agora confirms that the recording ends. 206/65 (a 2xx that confirms nothing) and 50x are
 * sent again, and so is a 404 after 5, 10, 15 s and then every 15 s, for it may be a failover (Agora, status codes).
 *
 * Rejects never; a wrong request is `unconfirmed` with its `InvalidRequestError`.
 */
export const stopUntilConfirmed = async (
  client: CloudRecording,
  request: StopRequest,
  { limit = DEFAULT_LIMIT, failoverWindow = LONGEST_FAILOVER, signal, timeout }: StopOptions = {},
): Promise<StopResult> => {
  let last: CloudRecordingError | undefined
  const result = await within(client, limit, signal, async (either): Promise<StopResult | undefined> => {
    for (let notFound = NO_NOT_FOUND, failures = 0; ; ) {
      const tried = await attempt(() => client.stop(request, { signal: either, timeout }))
      if ('value' in tried) return answered(tried.value)
      const { error } = tried
      if (either.aborted && error.verdict.meaning === 'aborted') return undefined
      last = error
      const by = CONFIRMATIONS.find(([kind]) => error instanceof kind)?.[1]
      if (by !== undefined) return { outcome: 'stopped', by }
      const missing = error instanceof NotFoundError
      if (missing) notFound = { ...notFound, count: notFound.count + 1 }
      if (missing && believed(notFound, failoverWindow)) return { outcome: 'stopped', by: 'notFound' }
      const wait = missing ? notFoundDelay(notFound) : delayOf(error, failures++)
      if (wait === undefined) return { outcome: 'unconfirmed', aborted: false, error }
      if (!(await paused(client, wait, either))) return undefined
      notFound = later(notFound, wait)
    }
  })
  return result ?? { outcome: 'unconfirmed', aborted: signal?.aborted === true, error: last }
}

const CONFIRMATIONS: readonly [new (...args: never[]) => CloudRecordingError, StopConfirmation][] = [
  [AlreadyStoppingError, 'alreadyStopping'],
  [NoRecordedDataError, 'noRecordedData'],
  [UploadUnfinishedError, 'uploadUnfinished'],
]

/** The verdict's delays, the last of them again and again; undefined if sending again changes nothing. */
const delayOf = ({ verdict, retryAfter }: CloudRecordingError, failures: number): number | undefined => {
  const { kind, delays } = verdict
  if (kind !== 'retrySame' && kind !== 'nextHost') return undefined
  return delays[failures] ?? delays.at(-1) ?? retryAfter ?? PATIENT_DELAY
}

const answered = (answer: StopAnswer): StopResult => {
  const { extensionServiceState, uploadingStatus } = answer.serverResponse
  // Web mode says it in the state of its upload service, the RTC modes at the top.
  const said = [uploadingStatus, ...extensionServiceState.map(({ payload }) => payload.uploadingStatus)]
  const status = said.find((each) => typeof each === 'string')
  return {
    outcome: 'stopped',
    by: 'answered',
    answer,
    ...(status === undefined ? {} : { uploadingStatus: status }),
  }
}
