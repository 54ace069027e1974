import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { standbyIdOf } from '../../standbyId.ts'
import { UnreadableRowError } from '../../store/errors.ts'
import type { ListedRecording, StoredRecording } from '../../store/types.ts'
import type { AppContext } from '../context.ts'
import { etagOf } from '../etag.ts'
import {
  createRouter,
  idParameters,
  pageResponses,
  problemContent,
  recordingContent,
  SECURITY,
  UNAUTHORIZED,
  UNKNOWN_ID,
  WRONG_QUERY,
} from './describe.ts'
import { loadView } from './history.ts'
import { loadOr404 } from './loadOr404.ts'
import { cursorOf, LABEL_PARAMETERS, listOptionsOf, listQuerySchema } from './recordingQuery.ts'
import { type RecordingSummary, recordingSummarySchema, summarizeRecording } from './recordingSummary.ts'
import { refuseMore, waitOptionsOf, waitQuerySchema } from './waitFor.ts'

const list = createRoute({
  method: 'get',
  path: '/v1/recordings',
  operationId: 'listRecordings',
  tags: ['Recordings'],
  summary: 'List recordings, newest first',
  description:
    'Standbys are left out: each is with its recording. Filters narrow each other. `next` is the cursor of the next page, and holds although recordings are removed meanwhile.',
  security: SECURITY,
  parameters: [LABEL_PARAMETERS],
  request: { query: listQuerySchema },
  responses: pageResponses(recordingSummarySchema, z.string()),
})

const get = createRoute({
  method: 'get',
  path: '/v1/recordings/{id}',
  operationId: 'getRecording',
  tags: ['Recordings'],
  summary: 'Read a recording, now or when it has reached a state',
  description:
    'With its state and the reason for it, its files, and the gaps between them. A standby is read by its own id, `<id>~standby`.',
  security: SECURITY,
  request: { params: idParameters, query: waitQuerySchema },
  responses: {
    200: recordingContent('The recording; `state` says whether what was waited for has come'),
    401: UNAUTHORIZED,
    404: UNKNOWN_ID,
    422: WRONG_QUERY,
    503: problemContent('Too many requests wait. Retry-After says when to try again', 'too_many_waiting'),
  },
})

export const readRecordingRoutes = (context: AppContext): OpenAPIHono => {
  const { store, engine, waits, log } = context
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
    const options = listOptionsOf(c.req.valid('query'))
    const { limit } = options
    const rows = await store.listRecordings({ ...options, limit: limit + 1 })
    const page = rows.slice(0, limit)
    const last = rows.length > limit ? page.at(-1) : undefined
    return c.json({ items: await summarize(page), next: last ? cursorOf(last) : null }, 200)
  })

  app.openapi(get, async (c) => {
    const { id } = c.req.valid('param')
    const wait = waitOptionsOf(c.req.valid('query'), c.req.raw.signal)
    const waited = wait && (await waits.wait(id, wait).catch(refuseMore))
    const stored = waited ?? (await loadOr404(engine, id))
    return c.json(await loadView(context, stored), 200, { etag: etagOf(stored) })
  })
  return app
}
