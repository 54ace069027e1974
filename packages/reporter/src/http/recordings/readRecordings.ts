import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { UnreadableRowError } from '../../store/errors.ts'
import type { StoredRecording } from '../../store/types.ts'
import { RECORDING_STATES, type RecordingState } from '../../supervisor/recording.ts'
import type { AppContext } from '../context.ts'
import {
  createRouter,
  idParameters,
  jsonContent,
  recordingContent,
  SECURITY,
  UNAUTHORIZED,
  UNKNOWN_ID,
  WRONG_QUERY,
} from './describe.ts'
import { loadOr404 } from './loadOr404.ts'
import { type RecordingView, recordingViewSchema, viewRecording } from './recordingView.ts'

const list = createRoute({
  method: 'get',
  path: '/v1/recordings',
  summary: 'List recordings, newest first',
  security: SECURITY,
  request: {
    query: z.object({
      state: z.enum(RECORDING_STATES).optional(),
      limit: z.coerce.number().int().min(1).max(500).default(100),
      before: z.string().optional().openapi({ description: 'The `next` of the previous page' }),
    }),
  },
  responses: {
    200: {
      ...jsonContent(z.object({ items: z.array(recordingViewSchema), next: z.string().nullable() })),
      description: 'A page; `next` is null on the last one',
    },
    401: UNAUTHORIZED,
    422: WRONG_QUERY,
  },
})

const get = createRoute({
  method: 'get',
  path: '/v1/recordings/{id}',
  summary: 'Read a recording with its attempts',
  security: SECURITY,
  request: { params: idParameters },
  responses: { 200: recordingContent('The recording'), 401: UNAUTHORIZED, 404: UNKNOWN_ID },
})

export const readRecordingRoutes = ({ store, engine, log }: AppContext): OpenAPIHono => {
  const app = createRouter()

  /** One row that cannot be read must not hide the others. */
  const viewReadable = (stored: StoredRecording | UnreadableRowError): RecordingView[] => {
    if (!(stored instanceof UnreadableRowError)) return [viewRecording(engine.refresh(stored))]
    log.error({ err: stored }, 'The list omits a recording whose row cannot be read')
    return []
  }

  app.openapi(list, async (c) => {
    const { state, limit, before } = c.req.valid('query') as {
      state?: RecordingState
      limit: number
      before?: string
    }
    const rows = await store.listRecordings({ state, before, limit: limit + 1 })
    const page = rows.slice(0, limit)
    const next = rows.length > limit ? (page.at(-1)?.id ?? null) : null
    return c.json({ items: page.flatMap(({ stored }) => viewReadable(stored)), next }, 200)
  })

  app.openapi(get, async (c) => c.json(viewRecording(await loadOr404(engine, c.req.valid('param').id)), 200))
  return app
}
