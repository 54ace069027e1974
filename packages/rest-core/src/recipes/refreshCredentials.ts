import type { CallOptions, CloudRecording } from '../cloudRecording.ts'
import { CloudRecordingError, NotFoundError } from '../errors.ts'
import type { Identity, TaskAddress } from '../requests/identity.ts'
import type { StorageConfig } from '../requests/storage.ts'
import { waitSignal } from '../waitSignal.ts'
import { errorNameOf, notifyListener } from './notifyListener.ts'
import { settleWithRetries } from './retry.ts'
import { waitUnlessAborted } from './waitUnlessAborted.ts'
import { withTimeLimit } from './withTimeLimit.ts'

/** Temporary storage credentials. */
export type StsCredentials = Required<
  Pick<StorageConfig, 'accessKey' | 'secretKey' | 'stsToken' | 'stsExpiration'>
>

export type RefreshCredentialsRequest = Identity &
  TaskAddress & {
    /** As given to start. Everything but the credentials stays as it is. */
    storageConfig: StorageConfig
    /** Returns new credentials. Its signal aborts after 60 s. */
    credentials: (signal: AbortSignal) => Promise<StsCredentials>
    /** Unix time in milliseconds when Agora last got a storage config. Default: now. */
    refreshedAt?: number
    /** Called after every refresh. No event has a secret in it. */
    onEvent?: (event: RefreshEvent) => void
  }

export type RefreshEvent =
  /** `stsExpiration` in Unix seconds, as in the credentials. */
  | { kind: 'refreshed'; stsExpiration: number }
  /** The next try, with credentials requested anew, comes in `retryAfter` seconds. */
  | { kind: 'failed'; error: Error; retryAfter: number }

export type RefreshResult =
  | { reason: 'aborted' }
  /** Agora no longer knows the recording, so there is nothing left to refresh. */
  | { reason: 'ended'; error: NotFoundError }

type Refreshed = { stsExpiration: number } | { error: Error }

/**
 * Seconds: Agora requires new temporary credentials every 60 minutes, and 10 minutes are left for retries.
 *
 * @see https://docs.agora.io/en/api-reference/api-ref/cloud-recording/update
 */
const REFRESH_INTERVAL = 50 * 60
/** Seconds before the credentials expire at which they are refreshed; half of their lifetime if that is less. */
const EXPIRY_MARGIN = 30 * 60
const RETRY_DELAY = 60
/** Seconds. Temporary credentials expire within an hour or less: a longer `Retry-After` is not waited for. */
const MAX_RETRY_DELAY = 300
const CALLBACK_TIMEOUT = 60
/**
 * Consecutive refreshes that must be answered 404. Each retries for 5 + 10 + 15 s and they are 60 s apart, so two of them
 * span more than the longest failover (90 s).
 */
const MAX_NOT_FOUND = 2

/**
 * Keeps a recording's temporary storage credentials fresh until a signal aborts or the recording has ended. It sends
 * `update` 50 minutes after the last refresh, and well before the credentials expire. A failed update is retried after
 * 5, 10, 15, 30 s and then every 60 s, or as `Retry-After` asks, but every five minutes at least, with new credentials. Its
 * own updates never overlap; send no other update of this recording meanwhile, or wait for its answer (Agora requires that).
 *
 * Never rejects, and exposes no secret: of an error that `credentials` throws only the name is reported.
 *
 * @example
 * const abort = new AbortController()
 * const credentials = async () => ({
 *   accessKey: 'key',
 *   secretKey: 'secret',
 *   stsToken: 'token',
 *   stsExpiration: client.now() / 1000 + 4 * 3600,
 * })
 * const { storageConfig } = clientRequest
 * const onEvent = ({ kind }: { kind: string }) => kind === 'refreshed' && abort.abort()
 * await refreshCredentials(client, { ...task, storageConfig, credentials, onEvent }, abort) // => { reason: 'aborted' }
 */
export const refreshCredentials = async (
  client: CloudRecording,
  request: RefreshCredentialsRequest,
  options: CallOptions & { signal: AbortSignal },
): Promise<RefreshResult> => {
  const ending = waitSignal(options)
  let refreshedAt = request.refreshedAt ?? client.now()
  let expiration = request.storageConfig.stsExpiration
  let wait = secondsToRefresh(refreshedAt, expiration, client.now())
  for (let notFound = 0; await waitUnlessAborted(client, wait, ending); ) {
    const refreshed = await refresh(client, request, options)
    if (options.signal.aborted || (ending.aborted && 'error' in refreshed)) break
    if ('error' in refreshed) {
      const { error } = refreshed
      notFound = error instanceof NotFoundError ? notFound + 1 : 0
      if (error instanceof NotFoundError && notFound === MAX_NOT_FOUND) return { reason: 'ended', error }
      wait = delayAfter(error)
      notifyListener(request.onEvent, { kind: 'failed', error, retryAfter: wait })
    } else {
      notFound = 0
      refreshedAt = client.now()
      expiration = refreshed.stsExpiration
      notifyListener(request.onEvent, { kind: 'refreshed', stsExpiration: expiration })
      wait = Math.max(RETRY_DELAY, secondsToRefresh(refreshedAt, expiration, refreshedAt))
    }
  }
  return { reason: 'aborted' }
}

const delayAfter = (error: unknown): number => {
  const asked = (error instanceof CloudRecordingError && error.retryAfter) || 0
  return Math.min(Math.max(RETRY_DELAY, asked), MAX_RETRY_DELAY)
}

/**
 * Seconds from `now` to the next refresh, at least 0.
 *
 * @param refreshedAt Unix milliseconds
 * @param expiration Unix seconds; undefined if the credentials in use do not expire
 * @param now Unix milliseconds
 */
export const secondsToRefresh = (
  refreshedAt: number,
  expiration: number | undefined,
  now: number,
): number => {
  const lifetime = expiration === undefined ? Number.POSITIVE_INFINITY : expiration - refreshedAt / 1000
  const age = Math.min(REFRESH_INTERVAL, Math.max(lifetime / 2, lifetime - EXPIRY_MARGIN))
  return Math.max(0, age - (now - refreshedAt) / 1000)
}

const refresh = async (
  client: CloudRecording,
  request: RefreshCredentialsRequest,
  options: CallOptions & { signal: AbortSignal },
): Promise<Refreshed> => {
  const { resourceId, sid, mode, cname, uid, storageConfig } = request
  const ending = waitSignal(options)
  const requested = await requestCredentials(client, request, ending)
  if ('error' in requested) return requested
  const { accessKey, secretKey, stsToken, stsExpiration } = requested.value
  if (stsExpiration * 1000 <= client.now())
    return { error: new Error('the new credentials have already expired') }
  const clientRequest = { storageConfig: { ...storageConfig, accessKey, secretKey, stsToken, stsExpiration } }
  const updated = await settleWithRetries(client, ending, () =>
    client.update({ resourceId, sid, mode, cname, uid, clientRequest }, options),
  )
  return 'error' in updated ? updated : { stsExpiration }
}

/** Calls `credentials`, and stops waiting for it after its timeout even if it ignores its signal. */
const requestCredentials = (
  client: CloudRecording,
  { credentials }: RefreshCredentialsRequest,
  signal: AbortSignal,
): Promise<{ value: StsCredentials } | { error: Error }> =>
  withTimeLimit(client, { seconds: CALLBACK_TIMEOUT, signal }, async (combined) => {
    try {
      return { value: await Promise.race([credentials(combined), rejectOnAbort(combined)]) }
    } catch (error) {
      if (combined.aborted) return { error: new Error(`no new credentials within ${CALLBACK_TIMEOUT} s`) }
      // The error's message may quote the credentials.
      return { error: new Error(`the callback for new credentials threw (${errorNameOf(error)})`) }
    }
  })

const rejectOnAbort = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
