import { OpenAPIHono } from '@hono/zod-openapi'
import { requireApiKey } from './auth.ts'
import { backupRoutes } from './backup.ts'
import type { AppContext } from './context.ts'
import { deliveryRoutes } from './deliveries/deliveryRoutes.ts'
import { registerWebhooks } from './deliveries/webhooks.ts'
import { healthRoutes } from './health.ts'
import { limitBody } from './limitBody.ts'
import { notificationRoutes } from './notifications.ts'
import { probeRoutes } from './probe.ts'
import { onError, Problem, problemResponse } from './problem.ts'
import { recordingRoutes } from './recordings/recordingRoutes.ts'
import { reportRoutes } from './reports.ts'

/** Far above any sensible request. */
const MAX_REQUEST_BYTES = 64 * 1024

const PATHS_WITH_KEY = [
  '/v1/recordings',
  '/v1/recordings/*',
  '/v1/deliveries',
  '/v1/deliveries/*',
  '/v1/destinations',
  '/v1/destinations/*',
  '/v1/backup',
]

/** All of the reporter's routes. main.ts serves them; tests call them in process. */
export const createApp = (context: AppContext): OpenAPIHono => {
  const app = new OpenAPIHono()
  app.onError(onError(context.log))
  app.notFound((c) =>
    problemResponse(
      c,
      new Problem(404, `No route matches ${c.req.method} ${c.req.path}. GET /openapi.json lists the routes.`),
    ),
  )

  app.route('/', healthRoutes(context))
  app.route('/', probeRoutes(context))
  app.route('/', reportRoutes(context))
  app.route('/', notificationRoutes(context))

  for (const path of PATHS_WITH_KEY) {
    app.use(path, requireApiKey(context.config.apiKeys))
    app.use(path, limitBody(MAX_REQUEST_BYTES, 'The body'))
  }
  app.route('/', recordingRoutes(context))
  app.route('/', deliveryRoutes(context))
  app.route('/', backupRoutes(context))
  registerWebhooks(app)

  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' })
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Stillrolling reporter',
      version: '1',
      description: 'Starts Agora web page recordings, supervises them, and restarts them when they fail.',
    },
  })
  return app
}
