import { OpenAPIHono } from '@hono/zod-openapi'
import type { AppContext } from '../context.ts'
import { destinationRoutes } from './destinationRoutes.ts'
import { readDeliveryRoutes } from './readDeliveries.ts'
import { redeliverRoutes } from './redeliver.ts'

/** `/v1/deliveries` and `/v1/destinations`: what the reporter sends to business servers. */
export const deliveryRoutes = (context: AppContext): OpenAPIHono => {
  const app = new OpenAPIHono()
  app.route('/', readDeliveryRoutes(context))
  app.route('/', redeliverRoutes(context))
  app.route('/', destinationRoutes(context))
  return app
}
