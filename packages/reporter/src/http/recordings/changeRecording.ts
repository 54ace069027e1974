import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import { type RecordingChanges, recordingChangesSchema } from '../../recordingChanges.ts'
import { requesterOf } from '../auth.ts'
import type { AppContext } from '../context.ts'
import { etagOf } from '../etag.ts'
import {
  createRouter,
  IDEMPOTENT,
  idParameters,
  jsonContent,
  NO_QUERY,
  problemContent,
  recordingContent,
  SECURITY,
  UNAUTHORIZED,
  UNKNOWN_ID,
} from './describe.ts'
import { loadView } from './history.ts'
import { loadOr404 } from './loadOr404.ts'
import { refuseStandby } from './refuseStandby.ts'
import { reviseBy } from './revise.ts'

const IF_MATCH = {
  name: 'If-Match',
  in: 'header',
  description: 'The ETag of the version that the change is based on; without it, any version is changed',
  schema: { type: 'string' },
  example: '"7"',
} as const

const change = createRoute({
  method: 'patch',
  path: '/v1/recordings/{id}',
  operationId: 'changeRecording',
  ...IDEMPOTENT,
  tags: ['Recordings'],
  summary: 'Change a recording',
  description:
    'Its policy, labels, metadata, expectations, layout or subscription are changed while it runs. The same values again change nothing. Each attempt that follows starts with them.',
  security: SECURITY,
  parameters: [IF_MATCH],
  request: {
    params: idParameters,
    query: NO_QUERY,
    body: { ...jsonContent(recordingChangesSchema), required: true },
  },
  responses: {
    200: recordingContent('The recording with the change, which Agora and the page may not have yet'),
    400: problemContent('The body is not valid JSON'),
    401: UNAUTHORIZED,
    404: UNKNOWN_ID,
    409: problemContent(
      'The recording has nothing of the kind, or it was stopped, or the id is that of a standby',
      'change_unsupported',
      'recording_stopped',
      'standby_command',
    ),
    412: problemContent('The recording has another version than `If-Match` names', 'version_conflict'),
    413: problemContent('The body is too large'),
    415: problemContent('The Content-Type is not application/json'),
    422: problemContent('Fields are wrong; `errors` names each'),
  },
})

export const changeRecordingRoutes = (context: AppContext): OpenAPIHono => {
  const { engine, clock, config } = context
  const app = createRouter()
  app.openapi(change, async (c) => {
    const { id } = c.req.valid('param')
    const changes = c.req.valid('json') as RecordingChanges
    await loadOr404(engine, id)
    refuseStandby(id)
    const ifMatch = c.req.header('if-match')
    const revise = reviseBy(changes, { id, ifMatch, config, now: clock.now })
    const stored = (await engine.change(id, revise, requesterOf(c))) ?? (await loadOr404(engine, id))
    return c.json(await loadView(context, stored), 200, { etag: etagOf(stored) })
  })
  return app
}
