import { OpenAPIHono } from '@hono/zod-openapi'
import type { HonoRequest } from 'hono'
import { allowedMethods } from './allowedMethods.ts'
import { createApiLimiter } from './apiLimits.ts'
import { requireApiKey } from './auth.ts'
import { backupRoutes } from './backup.ts'
import { createClientAddress } from './clientAddress.ts'
import type { AppContext } from './context.ts'
import { deliveryRoutes } from './deliveries/deliveryRoutes.ts'
import { registerWebhooks } from './deliveries/webhooks.ts'
import { eventRoutes } from './events/eventRoutes.ts'
import { healthRoutes } from './health.ts'
import { jobRoutes } from './jobs/jobRoutes.ts'
import { createKeyRing } from './keys/keyRing.ts'
import { keyRoutes } from './keys/keyRoutes.ts'
import { limitBody } from './limitBody.ts'
import { normalizeJsonType } from './normalizeJsonType.ts'
import { notificationRoutes } from './notifications.ts'
import { openApiRoutes } from './openapi/openApiRoutes.ts'
import { probeRoutes } from './probe.ts'
import { onError, Problem, problemResponse } from './problem.ts'
import { recordingRoutes } from './recordings/recordingRoutes.ts'
import { reportRoutes } from './reports.ts'
import { requireExactJson } from './requireExactJson.ts'
import { summaryRoutes } from './summary.ts'

/** Far above any sensible request. */
const MAX_REQUEST_BYTES = 64 * 1024

/** Each matches without what `/*` stands for as well. */
const PATHS_WITH_KEY = [
  '/v1/recordings/*',
  '/v1/deliveries/*',
  '/v1/destinations/*',
  '/v1/keys/*',
  '/v1/summary',
  '/v1/events',
  '/v1/jobs/*',
  '/v1/backup',
]

/** All of the reporter's routes. main.ts serves them; tests call them in process. */
export const createApp = (context: AppContext): OpenAPIHono => {
  const app = new OpenAPIHono()
  app.onError(onError(context.log))
  app.notFound((c) => problemResponse(c, unmatched(app, c.req)))

  app.route('/', healthRoutes(context))
  app.route('/', probeRoutes(context))
  app.route('/', reportRoutes(context))
  app.route('/', notificationRoutes(context))

  const { apiKeys: configured, apiLimits, trustedProxies } = context.config
  const ring = createKeyRing(context)
  const limiter = createApiLimiter(apiLimits, context.log)
  const clientAddress = createClientAddress(trustedProxies)
  const requireKey = requireApiKey({ configured, ring, limiter, clientAddress })
  for (const path of PATHS_WITH_KEY) {
    app.use(path, requireKey)
    app.use(path, limitBody(MAX_REQUEST_BYTES, 'The body'))
    app.use(path, normalizeJsonType)
    app.use(path, requireExactJson)
  }
  app.route('/', recordingRoutes(context))
  app.route('/', deliveryRoutes(context))
  app.route('/', keyRoutes(context, ring))
  app.route('/', summaryRoutes(context))
  app.route('/', eventRoutes(context))
  app.route('/', jobRoutes(context))
  app.route('/', backupRoutes(context))
  registerWebhooks(app)

  app.route('/', openApiRoutes(app))
  return app
}

/** Why no route has answered: no route has the path, or none of those that have it has the method. */
const unmatched = (app: OpenAPIHono, { method, path }: Pick<HonoRequest, 'method' | 'path'>): Problem => {
  const allowed = allowedMethods(app, path)
  if (allowed.length === 0 || allowed.includes(method)) {
    return new Problem(
      'route_not_found',
      `No route matches ${method} ${path}. GET /openapi.json lists the routes.`,
    )
  }
  const allow = allowed.join(', ')
  return new Problem('method_not_allowed', `${path} does not have the method ${method}, but ${allow}.`, {
    headers: { allow },
  })
}
