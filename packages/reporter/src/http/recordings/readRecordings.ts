import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { standbyIdOf } from '../../standbyId.ts'
import { UnreadableRowError } from '../../store/errors.ts'
import type { ListedRecording, RecordingPlace, StoredRecording } from '../../store/types.ts'
import { RECORDING_STATES, type RecordingState } from '../../supervisor/recording.ts'
import type { AppContext } from '../context.ts'
import {
  createRouter,
  idParameters,
  NO_QUERY,
  pageResponses,
  recordingContent,
  SECURITY,
  UNAUTHORIZED,
  UNKNOWN_ID,
  WRONG_QUERY,
} from './describe.ts'
import { loadView } from './history.ts'
import { loadOr404 } from './loadOr404.ts'
import { type RecordingSummary, recordingSummarySchema, summarizeRecording } from './recordingSummary.ts'

/** The place of a page's last recording, which may be pruned before the next page is read. */
const CURSOR = /^(\d{1,16})\.([A-Za-z0-9]{1,64})$/

const cursorOf = ({ createdAt, id }: RecordingPlace): string => `${createdAt}.${id}`

const placeOf = (cursor: string): RecordingPlace => {
  const [, createdAt = '', id = ''] = CURSOR.exec(cursor) ?? []
  return { createdAt: Number(createdAt), id }
}

const list = createRoute({
  method: 'get',
  path: '/v1/recordings',
  summary: 'List recordings, newest first',
  security: SECURITY,
  request: {
    query: z.strictObject({
      state: z.enum(RECORDING_STATES).optional(),
      limit: z.coerce.number().int().min(1).max(500).default(100),
      before: z
        .string()
        .regex(CURSOR, 'must be the `next` of a page')
        .optional()
        .openapi({ description: 'The `next` of the previous page' }),
    }),
  },
  responses: pageResponses(recordingSummarySchema, z.string()),
})

const get = createRoute({
  method: 'get',
  path: '/v1/recordings/{id}',
  summary: 'Read a recording with its latest attempts',
  security: SECURITY,
  request: { params: idParameters, query: NO_QUERY },
  responses: { 200: recordingContent('The recording'), 401: UNAUTHORIZED, 404: UNKNOWN_ID, 422: WRONG_QUERY },
})

export const readRecordingRoutes = (context: AppContext): OpenAPIHono => {
  const { store, engine, log } = context
  const app = createRouter()

  /** One row that cannot be read must not hide the others. */
  const readable = (listed: readonly ListedRecording[]): StoredRecording[] =>
    listed.flatMap(({ stored }) => {
      if (!(stored instanceof UnreadableRowError)) return [engine.refresh(stored)]
      log.error({ err: stored }, 'The list omits a recording whose row cannot be read')
      return []
    })

  const summarize = async (listed: readonly ListedRecording[]): Promise<RecordingSummary[]> => {
    const recordings = readable(listed)
    const ids = recordings.filter(({ request }) => request.standby).map(({ recording }) => recording.id)
    const standbys = readable(await store.loadRecordings(ids.map(standbyIdOf)))
    const byId = new Map(standbys.map((standby) => [standby.recording.id, standby]))
    return recordings.map((stored) => summarizeRecording(stored, byId.get(standbyIdOf(stored.recording.id))))
  }

  app.openapi(list, async (c) => {
    const { state, limit, before } = c.req.valid('query') as {
      state?: RecordingState
      limit: number
      before?: string
    }
    const rows = await store.listRecordings({
      ...{ state, limit: limit + 1 },
      before: before === undefined ? undefined : placeOf(before),
    })
    const page = rows.slice(0, limit)
    const last = rows.length > limit ? page.at(-1) : undefined
    return c.json({ items: await summarize(page), next: last ? cursorOf(last) : null }, 200)
  })

  app.openapi(get, async (c) => {
    const stored = await loadOr404(engine, c.req.valid('param').id)
    return c.json(await loadView(context, stored), 200)
  })
  return app
}
