import { OpenAPIHono } from '@hono/zod-openapi'
import { bodyLimit } from 'hono/body-limit'
import { requireApiKey } from './auth.ts'
import type { AppContext } from './context.ts'
import { answerProblem, onError, Problem } from './errors.ts'
import { healthRoutes } from './health.ts'
import { notificationRoutes } from './notifications.ts'
import { probeRoutes } from './probe.ts'
import { recordingRoutes } from './recordings.ts'
import { reportRoutes } from './reports.ts'

/** Far above any sensible request for a recording. */
const MAX_REQUEST_BYTES = 64 * 1024

/** The reporter's whole face. Served by main.ts, called in process by tests. */
export const createApp = (context: AppContext): OpenAPIHono => {
  const app = new OpenAPIHono()
  app.onError(onError(context.log))
  app.notFound((c) => answerProblem(c, new Problem(404, `There is nothing at ${c.req.method} ${c.req.path}`)))

  app.route('/', healthRoutes(context))
  app.route('/', probeRoutes(context))
  app.route('/', reportRoutes(context))
  app.route('/', notificationRoutes(context))

  for (const path of ['/v1/recordings', '/v1/recordings/*']) {
    app.use(path, requireApiKey(context.config.apiKeys))
    app.use(
      path,
      bodyLimit({
        maxSize: MAX_REQUEST_BYTES,
        onError: () => {
          throw new Problem(413, `The body has at most ${MAX_REQUEST_BYTES} bytes`)
        },
      }),
    )
  }
  app.route('/', recordingRoutes(context))

  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' })
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Stillrolling reporter',
      version: '1',
      description: 'Recordings that are watched and restarted.',
    },
  })
  return app
}
