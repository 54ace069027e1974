import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { withAttempts } from '../../supervisor/attempts.ts'
import type { AppContext } from '../context.ts'
import { attemptViewSchema, viewAttempt } from './attemptView.ts'
import { createRouter, idParameters, pageResponses, SECURITY, UNKNOWN_ID } from './describe.ts'
import { readable } from './history.ts'
import { loadOr404 } from './loadOr404.ts'
import { predictFiles } from './predictFiles.ts'

const attempts = createRoute({
  method: 'get',
  path: '/v1/recordings/{id}/attempts',
  operationId: 'listAttempts',
  tags: ['Recordings'],
  summary: 'List all attempts of a recording, newest first',
  description: 'A recording shows its latest attempts only.',
  security: SECURITY,
  request: {
    params: idParameters,
    query: z.strictObject({
      before: z.coerce
        .number()
        .int()
        .min(1)
        .optional()
        .openapi({ description: 'The `next` of the previous page: only attempts with lower numbers' }),
      limit: z.coerce.number().int().min(1).max(500).default(100),
    }),
  },
  responses: { ...pageResponses(attemptViewSchema, z.int()), 404: UNKNOWN_ID },
})

export const readAttemptsRoutes = ({ store, engine, log, config }: AppContext): OpenAPIHono => {
  const app = createRouter()
  app.openapi(attempts, async (c) => {
    const { id } = c.req.valid('param')
    const query = c.req.valid('query') as { before?: number; limit: number }
    // Numbers have no gaps, so they delimit the page. What settles after the recording was read is in it anyway.
    const stored = await loadOr404(engine, id)
    const { recording } = stored
    const predict = predictFiles(stored, config.storageProfiles)
    const before = Math.min(query.before ?? Number.POSITIVE_INFINITY, recording.attemptCount + 1)
    const from = Math.max(1, before - query.limit)
    const settled = readable(await store.readSettledAttempts(id, { from, before, limit: query.limit }), log)
    const page = withAttempts(recording, settled).attempts.filter(
      ({ number }) => number >= from && number < before,
    )
    return c.json(
      {
        items: page.toReversed().map((attempt) => viewAttempt(attempt, predict)),
        next: from > 1 ? from : null,
      },
      200,
    )
  })
  return app
}
