import type { StopAnswer } from '../answers/answers.ts'
import type { CallOptions, CloudRecording } from '../cloudRecording.ts'
import {
  AlreadyStoppingError,
  type CloudRecordingError,
  NoRecordedDataError,
  NotFoundError,
  UploadUnfinishedError,
} from '../errors.ts'
import type { StopRequest } from '../requests/calls.ts'
import { waitSignal } from '../waitSignal.ts'
import {
  addNotFound,
  addWait,
  isConclusive,
  MAX_FAILOVER,
  NO_NOT_FOUND_RUN,
  notFoundDelay,
} from './notFoundRun.ts'
import { tryCall } from './tryCall.ts'
import { waitUnlessAborted } from './waitUnlessAborted.ts'
import { withTimeLimit } from './withTimeLimit.ts'

export type StopOptions = CallOptions & {
  /** Seconds after which the recipe gives up. Default 300. */
  limit?: number
  /**
   * Seconds that 404s must last until they confirm the stop. Default 90, the longest failover, so that no task
   * keeps running after a failover. Below 30 (the backoff of 5 + 10 + 15) it has no effect.
   */
  failoverWindow?: number
}

/** How Agora confirmed that the recording ends: 200, 400/49, 206/435, code 50, or 404s. */
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
      /** `uploaded`, `backuped` or `unknown`, if Agora's answer has one. */
      uploadingStatus?: string
      /** Only with `by: 'answered'`. */
      answer?: StopAnswer
    }
  /**
   * The task may still run: Agora refused the stop, or a function of the caller ended it (`error`), or the limit or the
   * abort of one of the signals (`aborted`) came first.
   */
  | { outcome: 'unconfirmed'; aborted: boolean; error?: CloudRecordingError }

const DEFAULT_LIMIT = 300
/** Seconds, for a verdict without a delay. */
const DEFAULT_DELAY = 30

/**
 * Sends stop until Agora confirms that the recording ends. It retries after 206/65 (a 2xx that confirms nothing), after
 * a 50x, and after a 404 in 5, 10, 15 s and then every 15 s, because a 404 may be a failover. It never retries earlier
 * than `Retry-After` asks for, even if that is after the limit.
 *
 * Never rejects; an invalid request is `unconfirmed` with its `InvalidRequestError`.
 *
 * @example
 * const { outcome } = await stopUntilConfirmed(client, { ...task, clientRequest: {} })
 * outcome // => 'stopped'
 */
export const stopUntilConfirmed = async (
  client: CloudRecording,
  request: StopRequest,
  { limit = DEFAULT_LIMIT, failoverWindow = MAX_FAILOVER, ...options }: StopOptions = {},
): Promise<StopResult> => {
  let last: CloudRecordingError | undefined
  const result = await withTimeLimit(
    client,
    { ...options, seconds: limit },
    async (signal): Promise<StopResult | undefined> => {
      const limited = { ...options, signal }
      const ending = waitSignal(limited)
      for (let notFound = NO_NOT_FOUND_RUN, failures = 0; ; ) {
        const settled = await tryCall(() => client.stop(request, limited))
        if ('value' in settled) return stoppedBy(settled.value)
        const { error } = settled
        if (ending.aborted && error.verdict.meaning === 'aborted') return undefined
        last = error
        const by = CONFIRMATIONS.find(([errorClass]) => error instanceof errorClass)?.[1]
        if (by !== undefined) return { outcome: 'stopped', by }
        const isNotFound = error instanceof NotFoundError
        if (isNotFound) notFound = addNotFound(notFound)
        if (isNotFound && isConclusive(notFound, failoverWindow))
          return { outcome: 'stopped', by: 'notFound' }
        const delay = isNotFound ? notFoundDelay(notFound) : retryDelay(error, failures++)
        if (delay === undefined) return { outcome: 'unconfirmed', aborted: false, error }
        const wait = Math.max(delay, error.retryAfter ?? 0)
        if (!(await waitUnlessAborted(client, wait, ending))) return undefined
        notFound = addWait(notFound, wait)
      }
    },
  )
  return result ?? { outcome: 'unconfirmed', aborted: waitSignal(options)?.aborted === true, error: last }
}

const CONFIRMATIONS: readonly [new (...args: never[]) => CloudRecordingError, StopConfirmation][] = [
  [AlreadyStoppingError, 'alreadyStopping'],
  [NoRecordedDataError, 'noRecordedData'],
  [UploadUnfinishedError, 'uploadUnfinished'],
]

/** Seconds: the verdict's delays, repeating the last one. Undefined if a retry would fail again. */
const retryDelay = ({ verdict }: CloudRecordingError, failures: number): number | undefined => {
  const { remedy, delays } = verdict
  if (remedy !== 'retrySame' && remedy !== 'nextHost') return undefined
  return delays[failures] ?? delays.at(-1) ?? DEFAULT_DELAY
}

const stoppedBy = (answer: StopAnswer): StopResult => {
  const { extensionServiceState, uploadingStatus } = answer.serverResponse
  // In web mode the status is in the state of the upload service, in RTC modes at the top level.
  const statuses = [uploadingStatus, ...extensionServiceState.map(({ payload }) => payload.uploadingStatus)]
  const status = statuses.find((each) => typeof each === 'string')
  return {
    outcome: 'stopped',
    by: 'answered',
    answer,
    ...(status === undefined ? {} : { uploadingStatus: status }),
  }
}
