import { mainIdOf } from '../../../packages/reporter/src/standbyId.ts'
import { REAL_KIT } from '../kit.ts'
import { alterStore, type Mutation } from './mutation.ts'

/** Mistakes about a recording and its standby. */
const MISTAKES: readonly Omit<Mutation, 'seeds'>[] = [
  {
    breaks: 'recordingsApart',
    what: 'an acquire does not name the resources of the twin',
    kit: {
      ...REAL_KIT,
      client: (client) => ({
        ...client,
        acquire: (request, options) => {
          const { excludeResourceIds: _, ...clientRequest } = request.clientRequest
          return client.acquire({ ...request, clientRequest }, options)
        },
      }),
    },
  },
  {
    breaks: 'recordingsApart',
    what: 'a command does not reach the standby',
    kit: alterStore((operations) => {
      /** In this transaction. */
      const saved = new Set<string>()
      return {
        saveRecording: async (stored, recording, now) => {
          saved.add(recording.id)
          await operations.saveRecording(stored, recording, now)
        },
        loadRecording: async (id) =>
          saved.has(mainIdOf(id) ?? '') ? undefined : operations.loadRecording(id),
      }
    }),
  },
]

export const STANDBYS: readonly Mutation[] = MISTAKES.map((mistake) => ({ ...mistake, seeds: 'standbys' }))
