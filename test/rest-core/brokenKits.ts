import {
  type CloudRecording,
  CloudRecordingError,
  createCloudRecording,
  createQuota,
} from '@stillrolling/rest-core'
import type { InvariantName } from './invariants.ts'
import { type Kit, ourKit } from './kit.ts'

type Start = Kit['start']

/** A mistake that clients make, and the invariant that it breaks. */
export interface Mistake {
  breaks: InvariantName
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

/** Acquires and starts for the same identity once more, as plainly as the calls are. */
const plainStart = async (client: CloudRecording, request: Parameters<Start>[1], pauseSeconds: number) => {
  if (request.mode === 'individual' || request.mode === 'mix') throw new Error('made for web mode')
  const { cname, uid, clientRequest, onResource } = request
  const { resourceId } = await client.acquire({
    cname,
    uid,
    clientRequest: { scene: 1, startParameter: clientRequest },
  })
  await onResource(resourceId, 0)
  await client.pause(pauseSeconds)
  const { sid } = await client.start({ resourceId, mode: 'web', cname, uid, clientRequest })
  return { outcome: 'started', sid, resourceId } as const
}

const orNotStarted = (error: unknown) => {
  if (!(error instanceof CloudRecordingError)) throw error
  return { outcome: 'notStarted', error, retryable: true, countsAsFailure: true } as const
}

export const MISTAKES: readonly Mistake[] = [
  {
    breaks: 'quota',
    what: 'no limit of its own',
    kit: {
      ...ourKit,
      createClient: (options) =>
        createCloudRecording({ ...options, quota: createQuota({ perSecond: 1000, clock: options.clock }) }),
    },
  },
  {
    breaks: 'quota',
    what: 'a second client of the same process with a quota of its own',
    kit: {
      ...ourKit,
      createClient: (options) => {
        const [one, other] = [createCloudRecording(options), createCloudRecording(options)]
        return { ...one, acquire: other.acquire }
      },
    },
  },
  {
    breaks: 'ownResource',
    what: 'resources acquired ahead, whoever they are for',
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
    breaks: 'ownResource',
    what: 'a start with a resource of more than five minutes',
    kit: withStart((client, request) => plainStart(client, request, 301).catch(orNotStarted)),
  },
  {
    breaks: 'pair',
    what: 'slow work between acquire and start',
    kit: withStart((client, request) =>
      ourKit.start(client, {
        ...request,
        onResource: async (resourceId, acquiredAt) => {
          await request.onResource(resourceId, acquiredAt)
          await client.pause(3)
        },
      }),
    ),
  },
  {
    breaks: 'finalAnswers',
    what: 'a 400 is sent again',
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
    breaks: 'known',
    what: 'an unknown outcome is told as a failure',
    kit: withStart(async (client, request) => {
      const result = await ourKit.start(client, request)
      return result.outcome === 'unknown' ? orNotStarted(result.error) : result
    }),
  },
  {
    breaks: 'known',
    what: 'after a lost answer it starts anew and forgets the first resource',
    kit: withStart(async (client, request) => {
      const result = await ourKit.start(client, request)
      if (result.outcome !== 'unknown') return result
      return ourKit.start(client, { ...request, resourceId: undefined, acquiredAt: undefined })
    }),
  },
  {
    breaks: 'stopped',
    what: 'any 2xx to stop is taken for a success, 206/65 too',
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
    breaks: 'stopped',
    what: 'the first 404 is taken for the end of the recording',
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
    breaks: 'once',
    what: 'a try that was given up goes on in the background',
    kit: withStart(async (client, request) => {
      const result = await ourKit.start(client, request)
      void client
        .pause(60)
        .then(() => plainStart(client, request, 0))
        .catch(orNotStarted)
      return result
    }),
  },
]
