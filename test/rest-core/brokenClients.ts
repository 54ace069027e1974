import {
  type CloudRecording,
  CloudRecordingError,
  createCloudRecording,
  createQuota,
} from '@stillrolling/rest-core'
import type { InvariantName } from './invariants.ts'
import { type Kit, ourKit } from './kit.ts'

type Start = Kit['start']

/** A client with a typical mistake, and the invariant that it breaches. */
export interface BrokenClient {
  breaches: InvariantName
  what: string
  kit: Kit
}

const withClient = (change: (client: CloudRecording) => Partial<CloudRecording>): Kit => ({
  ...ourKit,
  createClient: (options) => {
    const client = createCloudRecording(options)
    return { ...client, ...change(client) }
  },
})

const withStart = (start: Start): Kit => ({ ...ourKit, start })

/** Acquires and starts without any retry. */
const plainStart = async (client: CloudRecording, request: Parameters<Start>[1], waitSeconds: number) => {
  if (request.mode === 'individual' || request.mode === 'mix') throw new Error('made for web mode')
  const { cname, uid, clientRequest, onResource } = request
  const { resourceId } = await client.acquire({
    cname,
    uid,
    clientRequest: { scene: 1, startParameter: clientRequest },
  })
  await onResource(resourceId, 0)
  await client.wait(waitSeconds)
  const { sid } = await client.start({ resourceId, mode: 'web', cname, uid, clientRequest })
  return { outcome: 'started', sid, resourceId } as const
}

const orNotStarted = (error: unknown) => {
  if (!(error instanceof CloudRecordingError)) throw error
  return { outcome: 'notStarted', error, trouble: 'way', retryable: true, countsAsFailure: true } as const
}

export const BROKEN_CLIENTS: readonly BrokenClient[] = [
  {
    breaches: 'quota',
    what: 'no rate limit',
    kit: {
      ...ourKit,
      createClient: (options) =>
        createCloudRecording({ ...options, quota: createQuota({ perSecond: 1000, clock: options.clock }) }),
    },
  },
  {
    breaches: 'quota',
    what: 'a second client in the same process with its own quota',
    kit: {
      ...ourKit,
      createClient: (options) => {
        const [one, other] = [createCloudRecording(options), createCloudRecording(options)]
        return { ...one, acquire: other.acquire }
      },
    },
  },
  {
    breaches: 'ownResource',
    what: 'resources acquired in advance, for any caller',
    kit: withClient((client) => {
      let ahead: ReturnType<CloudRecording['acquire']> | undefined
      return {
        acquire: (request, options) => {
          ahead ??= client.acquire(request, options)
          return ahead
        },
      }
    }),
  },
  {
    breaches: 'ownResource',
    what: 'a start with a resource that is more than five minutes old',
    kit: withStart((client, request) => plainStart(client, request, 301).catch(orNotStarted)),
  },
  {
    breaches: 'pair',
    what: 'slow work between acquire and start',
    kit: withStart((client, request) =>
      ourKit.start(client, {
        ...request,
        onResource: async (resourceId, acquiredAt) => {
          await request.onResource(resourceId, acquiredAt)
          await client.wait(3)
        },
      }),
    ),
  },
  {
    breaches: 'finalAnswers',
    what: 'a 400 is retried',
    kit: withClient((client) => ({
      start: (request, options) =>
        client.start(request, options).catch((error: unknown) => {
          if (error instanceof CloudRecordingError && error.status === 400)
            return client.start(request, options)
          throw error
        }),
    })),
  },
  {
    breaches: 'known',
    what: 'an unknown outcome is reported as a failure',
    kit: withStart(async (client, request) => {
      const result = await ourKit.start(client, request)
      return result.outcome === 'unknown' ? orNotStarted(result.error) : result
    }),
  },
  {
    breaches: 'known',
    what: 'after a lost answer it starts with another resource and forgets the first',
    kit: withStart(async (client, request) => {
      const result = await ourKit.start(client, request)
      if (result.outcome !== 'unknown') return result
      return ourKit.start(client, { ...request, resourceId: undefined, acquiredAt: undefined })
    }),
  },
  {
    breaches: 'stopped',
    what: 'every 2xx to stop counts as success, even 206/65',
    kit: {
      ...ourKit,
      stop: async (client, request) => {
        const error = await client.stop(request).then(() => undefined, orNotStarted)
        const taken = error === undefined || (error.error.status ?? 500) < 300
        return taken ? { outcome: 'stopped', by: 'answered' } : { outcome: 'unconfirmed', aborted: false }
      },
    },
  },
  {
    breaches: 'stopped',
    what: 'the first 404 counts as the end of the recording',
    kit: {
      ...ourKit,
      stop: (client, request) =>
        ourKit
          .stop(client, request, { failoverWindow: 0, limit: 1 })
          .then((result) =>
            result.outcome === 'unconfirmed' && result.error?.status === 404
              ? { outcome: 'stopped', by: 'notFound' }
              : result,
          ),
    },
  },
  {
    breaches: 'once',
    what: 'an abandoned try continues in the background',
    kit: withStart(async (client, request) => {
      const result = await ourKit.start(client, request)
      void client
        .wait(60)
        .then(() => plainStart(client, request, 0))
        .catch(orNotStarted)
      return result
    }),
  },
]
