import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { StoredDelivery, WrittenDelivery } from '../../store/deliveryOperations.ts'
import type { AppContext } from '../context.ts'
import { Problem } from '../problem.ts'
import {
  createRouter,
  jsonContent,
  NO_QUERY,
  problemContent,
  SECURITY,
  UNAUTHORIZED,
  WRONG_QUERY,
} from '../recordings/describe.ts'
import { deliveryViewSchema, viewDelivery } from './deliveryView.ts'
import {
  deliveryIdParameters,
  destinationOr404,
  NOT_JSON,
  TOO_LARGE,
  UNKNOWN_DELIVERY,
  UNKNOWN_DESTINATION,
  WRONG_BODY,
  WRONG_TYPE,
} from './describe.ts'
import { unknownDelivery } from './readDeliveries.ts'

const accepted = (description: string) => ({ ...jsonContent(deliveryViewSchema), description })

/** Of the requests that name a destination in their body. */
const REFUSALS = {
  400: NOT_JSON,
  401: UNAUTHORIZED,
  404: UNKNOWN_DESTINATION,
  413: TOO_LARGE,
  415: WRONG_TYPE,
  422: WRONG_BODY,
} as const

const one = createRoute({
  method: 'post',
  path: '/v1/deliveries/{id}/redeliver',
  operationId: 'redeliver',
  tags: ['Deliveries'],
  summary: 'Send a delivery again',
  description: 'Whether or not it was delivered. It keeps its id, its body and its sequence.',
  security: SECURITY,
  request: { params: deliveryIdParameters, query: NO_QUERY },
  responses: {
    202: accepted(
      'It is queued before the newer ones of its recording, and tried for an hour. If it is pending already, its recording is next',
    ),
    401: UNAUTHORIZED,
    404: UNKNOWN_DELIVERY,
    409: problemContent('Its destination is no longer configured', 'destination_removed'),
    422: WRONG_QUERY,
  },
})

const allFailed = createRoute({
  method: 'post',
  path: '/v1/deliveries/redeliver',
  operationId: 'redeliverFailed',
  tags: ['Deliveries'],
  summary: 'Send failed deliveries again',
  description:
    'All deliveries to the destination that failed and were written since a time are queued again, each once.',
  security: SECURITY,
  request: {
    query: NO_QUERY,
    body: {
      required: true,
      ...jsonContent(
        z
          .strictObject({
            destination: z.string(),
            since: z.iso
              .datetime({ offset: true })
              .openapi({ description: 'Only those that were written then or later' }),
          })
          .openapi('RedeliverRequest'),
      ),
    },
  },
  responses: {
    202: {
      ...jsonContent(z.object({ count: z.int() })),
      description: 'How many are queued again',
    },
    ...REFUSALS,
  },
})

const test = createRoute({
  method: 'post',
  path: '/v1/deliveries/test',
  operationId: 'sendTestDelivery',
  tags: ['Deliveries'],
  summary: 'Send a test to a destination',
  description: 'It is sent once, whatever waits. If it is accepted, what waits is tried.',
  security: SECURITY,
  request: {
    query: NO_QUERY,
    body: {
      required: true,
      ...jsonContent(z.strictObject({ destination: z.string() }).openapi('TestRequest')),
    },
  },
  responses: {
    202: accepted('The test, which is sent next: read it again to see the answer'),
    ...REFUSALS,
  },
})

/** Rows in a transaction, during which no report is stored. */
const BATCH_SIZE = 200

export const redeliverRoutes = (context: AppContext): OpenAPIHono => {
  const { store, deliveries, clock } = context
  const { destinations } = context.config.deliveries
  const app = createRouter()

  const load = async (id: string): Promise<StoredDelivery> => {
    const delivery = await store.loadDelivery(id)
    if (!delivery) throw new Problem('delivery_not_found', unknownDelivery(id))
    return delivery
  }

  app.openapi(one, async (c) => {
    const { id } = c.req.valid('param')
    const { destination, recordingId } = await load(id)
    if (!destinations.some(({ name }) => name === destination)) {
      throw new Problem('destination_removed', `DELIVERIES has no destination "${destination}" any more.`)
    }
    await store.transaction(async (operations) => {
      const now = clock.now()
      const isQueued = (await operations.requeueDeliveries([id], now)) > 0
      if (!isQueued) await operations.hastenDeliveries(destination, now, recordingId)
    })
    deliveries.worker.hasten(destination)
    return c.json(viewDelivery(await load(id)), 202)
  })

  app.openapi(allFailed, async (c) => {
    const { destination, since } = c.req.valid('json') as { destination: string; since: string }
    destinationOr404(destinations, destination)
    const now = clock.now()
    const between = { destination, since: Date.parse(since), until: now, limit: BATCH_SIZE }
    let count = 0
    const requeueSome = (after: WrittenDelivery | undefined) =>
      store.transaction(async (operations) => {
        const failed = await operations.failedDeliveries({ ...between, after })
        const ids = failed.map(({ id }) => id)
        count += await operations.requeueDeliveries(ids, now)
        return failed.at(-1)
      })
    // Each once: one that has failed again meanwhile is not queued again.
    for (let last = await requeueSome(undefined); last; ) last = await requeueSome(last)
    deliveries.worker.poke()
    return c.json({ count }, 202)
  })

  app.openapi(test, async (c) => {
    const { destination } = c.req.valid('json') as { destination: string }
    destinationOr404(destinations, destination)
    const [id = ''] = await store.transaction((operations) =>
      deliveries.outbox.write(
        operations,
        { type: 'delivery.test' },
        { now: clock.now(), to: (name) => name === destination },
      ),
    )
    deliveries.worker.hasten(destination)
    return c.json(viewDelivery(await load(id)), 202)
  })
  return app
}
