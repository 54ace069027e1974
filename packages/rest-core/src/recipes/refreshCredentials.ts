import type { CallOptions, CloudRecording } from '../client.ts'
import { NotFoundError } from '../errors.ts'
import type { Identity, TaskAddress } from '../requests/identity.ts'
import type { StorageConfig } from '../requests/storage.ts'
import { paused } from './attempt.ts'
import { repeat } from './repeat.ts'
import { nameOf, tell } from './tell.ts'
import { within } from './within.ts'

/** Temporary storage credentials. */
export type StsCredentials = Required<
  Pick<StorageConfig, 'accessKey' | 'secretKey' | 'stsToken' | 'stsExpiration'>
>

export type RefreshCredentialsRequest = Identity &
  TaskAddress & {
    /** As given to start: all but the credentials stays as it is. */
    storageConfig: StorageConfig
    /** Gives new credentials; its signal aborts after a minute. */
    credentials: (signal: AbortSignal) => Promise<StsCredentials>
    /** Unix time in milliseconds when the storage config was last given to Agora. Default: now. */
    refreshedAt?: number
    /** Hears of every refresh. It is never given a secret. */
    onEvent?: (event: RefreshEvent) => void
  }

export type RefreshEvent =
  /** `stsExpiration` in Unix seconds, as the credentials say. */
  | { kind: 'refreshed'; stsExpiration: number }
  /** It is tried again, with credentials asked for again, `retryAfter` seconds later. */
  | { kind: 'failed'; error: Error; retryAfter: number }

export type RefreshResult =
  | { reason: 'aborted' }
  /** Agora knows the recording no more: there is nothing left to refresh. */
  | { reason: 'gone'; error: NotFoundError }

/** Agora (REST reference, update) wants temporary credentials anew every 60 minutes; 10 are left for retries. */
const REFRESH_EVERY = 50 * 60
/** A refresh comes so long before the credentials expire, or half-way if they do not live that long. */
const BEFORE_EXPIRY = 30 * 60
const RETRY_AFTER = 60
const CALLBACK_LIMIT = 60
/** Two refreshes that met 404 for 5 + 10 + 15 s each, a minute apart: longer than any failover (90 s). */
const GONE_AFTER = 2

/**
 * Keeps a recording's temporary storage credentials fresh until the signal aborts or the recording is gone:
 * `update` with new ones 50 minutes after the last, and well before they expire. A failed update is repeated
 * after 5, 10, 15, 30 s and then every minute with new credentials. Its own updates never overlap; send no
 * other update of this recording meanwhile, or wait for its answer (Agora, update).
 *
 * Rejects never, and says no secret: what `credentials` throws is told by its name alone.
 */
export const refreshCredentials = async (
  client: CloudRecording,
  request: RefreshCredentialsRequest,
  { signal, timeout }: CallOptions & { signal: AbortSignal },
): Promise<RefreshResult> => {
  let refreshedAt = request.refreshedAt ?? client.now()
  let expiration = request.storageConfig.stsExpiration
  let wait = secondsToRefresh(refreshedAt, expiration, client.now())
  for (let notFound = 0; await paused(client, wait, signal); ) {
    const outcome = await refresh(client, request, { signal, timeout })
    if (signal.aborted) break
    if ('error' in outcome) {
      const { error } = outcome
      notFound = error instanceof NotFoundError ? notFound + 1 : 0
      if (error instanceof NotFoundError && notFound === GONE_AFTER) return { reason: 'gone', error }
      tell(request.onEvent, { kind: 'failed', error, retryAfter: RETRY_AFTER })
      wait = RETRY_AFTER
    } else {
      notFound = 0
      refreshedAt = client.now()
      expiration = outcome.stsExpiration
      tell(request.onEvent, { kind: 'refreshed', stsExpiration: expiration })
      wait = Math.max(RETRY_AFTER, secondsToRefresh(refreshedAt, expiration, refreshedAt))
    }
  }
  return { reason: 'aborted' }
}

/**
 * Seconds from `now` to the next refresh.
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
  const life = expiration === undefined ? Number.POSITIVE_INFINITY : expiration - refreshedAt / 1000
  const age = Math.min(REFRESH_EVERY, Math.max(life / 2, life - BEFORE_EXPIRY))
  return Math.max(0, age - (now - refreshedAt) / 1000)
}

const refresh = async (
  client: CloudRecording,
  request: RefreshCredentialsRequest,
  how: CallOptions & { signal: AbortSignal },
): Promise<{ stsExpiration: number } | { error: Error }> => {
  const { resourceId, sid, mode, cname, uid, storageConfig } = request
  const given = await ask(client, request, how.signal)
  if ('error' in given) return given
  const { accessKey, secretKey, stsToken, stsExpiration } = given.value
  if (stsExpiration * 1000 <= client.now())
    return { error: new Error('the new credentials have expired already') }
  const clientRequest = { storageConfig: { ...storageConfig, accessKey, secretKey, stsToken, stsExpiration } }
  const updated = await repeat(client, how.signal, () =>
    client.update({ resourceId, sid, mode, cname, uid, clientRequest }, how),
  )
  return 'error' in updated ? updated : { stsExpiration }
}

/** Asks for credentials. A callback that ignores its signal is not waited for longer. */
const ask = (
  client: CloudRecording,
  { credentials }: RefreshCredentialsRequest,
  signal: AbortSignal,
): Promise<{ value: StsCredentials } | { error: Error }> => {
  return within(client, CALLBACK_LIMIT, signal, async (either) => {
    try {
      return { value: await Promise.race([credentials(either), aborted(either)]) }
    } catch (error) {
      if (either.aborted) return { error: new Error(`no new credentials within ${CALLBACK_LIMIT} s`) }
      // Its message may quote what it was about to return.
      return { error: new Error(`the callback for new credentials threw (${nameOf(error)})`) }
    }
  })
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
