import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { DELIVERY_STATES, type DeliveryState } from '../../store/deliveryOperations.ts'
import type { AppContext } from '../context.ts'
import { Problem } from '../problem.ts'
import {
  createRouter,
  jsonContent,
  NO_QUERY,
  pageResponses,
  SECURITY,
  UNAUTHORIZED,
  WRONG_QUERY,
} from '../recordings/describe.ts'
import { deliverySummarySchema, deliveryViewSchema, summarizeDelivery, viewDelivery } from './deliveryView.ts'
import { deliveryIdParameters, UNKNOWN_DELIVERY } from './describe.ts'

interface ListQuery {
  destination?: string
  state?: DeliveryState
  recording?: string
  type?: string
  since?: string
  before?: number
  limit: number
}

const list = createRoute({
  method: 'get',
  path: '/v1/deliveries',
  operationId: 'listDeliveries',
  tags: ['Deliveries'],
  summary: 'List deliveries, newest first',
  description: 'What the reporter has sent, or will send, to business servers and people.',
  security: SECURITY,
  request: {
    // A misspelt filter would list everything.
    query: z.strictObject({
      destination: z.string().optional(),
      state: z.enum(DELIVERY_STATES).optional(),
      recording: z.string().min(1).optional().openapi({ description: 'The id of a recording' }),
      type: z.string().optional().openapi({ example: 'recording.failed' }),
      since: z.iso.datetime({ offset: true }).optional().openapi({ description: 'Written then or later' }),
      before: z.coerce
        .number()
        .int()
        .min(1)
        .optional()
        .openapi({ type: 'integer', minimum: 1, description: 'The `next` of the previous page' }),
      limit: z.coerce.number().int().min(1).max(500).default(100),
    }),
  },
  responses: pageResponses(deliverySummarySchema, z.int()),
})

const get = createRoute({
  method: 'get',
  path: '/v1/deliveries/{id}',
  operationId: 'getDelivery',
  tags: ['Deliveries'],
  summary: 'Read a delivery',
  description: 'With its body, and the answer to its last try.',
  security: SECURITY,
  request: { params: deliveryIdParameters, query: NO_QUERY },
  responses: {
    200: { ...jsonContent(deliveryViewSchema), description: 'The delivery' },
    401: UNAUTHORIZED,
    404: UNKNOWN_DELIVERY,
    422: WRONG_QUERY,
  },
})

export const readDeliveryRoutes = ({ store }: Pick<AppContext, 'store'>): OpenAPIHono => {
  const app = createRouter()
  app.openapi(list, async (c) => {
    const { recording, since, limit, ...query } = c.req.valid('query') as ListQuery
    const rows = await store.listDeliveries({
      ...query,
      recordingId: recording,
      since: since === undefined ? undefined : Date.parse(since),
      limit: limit + 1,
    })
    const items = rows.slice(0, limit)
    const next = rows.length > limit ? (items.at(-1)?.position ?? null) : null
    return c.json({ items: items.map(summarizeDelivery), next }, 200)
  })
  app.openapi(get, async (c) => {
    const { id } = c.req.valid('param')
    const delivery = await store.loadDelivery(id)
    if (!delivery) throw new Problem('delivery_not_found', unknownDelivery(id))
    return c.json(viewDelivery(delivery), 200)
  })
  return app
}

export const unknownDelivery = (id: string): string =>
  `No delivery has the id "${id}". GET /v1/deliveries lists all of them.`
