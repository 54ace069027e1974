import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { type Destination, PRESETS, type Preset } from '../../destinations.ts'
import { isoOrNull } from '../../isoTime.ts'
import type { DeliveryBacklog, StoredDestination } from '../../store/deliveryOperations.ts'
import type { AppContext } from '../context.ts'
import {
  createRouter,
  IDEMPOTENT,
  jsonContent,
  NO_QUERY,
  SECURITY,
  UNAUTHORIZED,
  WRONG_QUERY,
} from '../recordings/describe.ts'
import { destinationOr404, UNKNOWN_DESTINATION } from './describe.ts'

/** A destination as the API shows it. Its secrets are not shown, and its address may be one. */
export interface DestinationView {
  name: string
  preset: Preset
  /** Of its address: scheme, host and port. */
  origin: string
  types: string[]
  /** - `down`: it does not answer, and is probed with one delivery at a time */
  state: 'up' | 'down' | 'paused'
  pausedAt: string | null
  /** Since when it has accepted no delivery after one was given up. */
  failingSince: string | null
  pending: number
  failed: number
  /** When the pending delivery that has waited longest was queued. */
  oldestQueuedAt: string | null
}

const time = z.iso.datetime().nullable()

export const destinationViewSchema: z.ZodType<DestinationView> = z
  .object({
    name: z.string(),
    preset: z.enum(PRESETS),
    origin: z.string(),
    types: z.array(z.string()),
    state: z.enum(['up', 'down', 'paused']),
    pausedAt: time,
    failingSince: time,
    pending: z.int(),
    failed: z.int(),
    oldestQueuedAt: time,
  })
  .openapi('Destination')

const list = createRoute({
  method: 'get',
  path: '/v1/destinations',
  operationId: 'listDestinations',
  tags: ['Destinations'],
  summary: 'List destinations',
  description: 'Those that `DELIVERIES` configures, with what waits for them. Their secrets are not shown.',
  security: SECURITY,
  request: { query: NO_QUERY },
  responses: {
    200: { ...jsonContent(z.object({ items: z.array(destinationViewSchema) })), description: 'All of them' },
    401: UNAUTHORIZED,
    422: WRONG_QUERY,
  },
})

const command = (
  name: 'pause' | 'resume',
  texts: { operationId: string; summary: string; description: string },
) =>
  createRoute({
    ...texts,
    ...IDEMPOTENT,
    method: 'post',
    path: `/v1/destinations/{name}/${name}`,
    tags: ['Destinations'],
    security: SECURITY,
    request: {
      params: z.object({
        name: z.string().openapi({ param: { name: 'name', in: 'path' }, example: 'backend' }),
      }),
      query: NO_QUERY,
    },
    responses: {
      200: { ...jsonContent(destinationViewSchema), description: 'The destination' },
      401: UNAUTHORIZED,
      404: UNKNOWN_DESTINATION,
      422: WRONG_QUERY,
    },
  })

const pause = command('pause', {
  operationId: 'pauseDestination',
  summary: 'Pause a destination',
  description: 'Nothing is sent to it until it is resumed: deliveries wait. Idempotent.',
})
const resume = command('resume', {
  operationId: 'resumeDestination',
  summary: 'Resume a destination',
  description: 'Deliveries are sent to it again, beginning with what waits. Idempotent.',
})

export const destinationRoutes = (context: AppContext): OpenAPIHono => {
  const { store, deliveries, clock } = context
  const { destinations } = context.config.deliveries
  const app = createRouter()

  const viewAll = async (): Promise<DestinationView[]> => {
    const [backlog, stored] = [await store.readBacklog(), await store.readDestinations()]
    return destinations.map((destination) => {
      const { name } = destination
      return viewDestination(destination, {
        isDown: deliveries.worker.isDown(name),
        backlog: backlog.find((each) => each.destination === name),
        stored: stored.find((each) => each.name === name),
      })
    })
  }

  const setPaused = async (name: string, pausedAt: number | null): Promise<DestinationView> => {
    const destination = destinationOr404(destinations, name)
    await store.transaction(async (operations) => {
      const stored = (await operations.readDestinations()).find((each) => each.name === name)
      const since = pausedAt === null ? null : (stored?.pausedAt ?? pausedAt)
      await operations.saveDestination({ failingSince: null, ...stored, name, pausedAt: since })
      if (pausedAt === null) await operations.hastenDeliveries(name, clock.now())
    })
    if (pausedAt === null) deliveries.worker.hasten(name)
    const view = (await viewAll()).find((each) => each.name === destination.name)
    if (!view) throw new Error(`${name} has no view`)
    return view
  }

  app.openapi(list, async (c) => c.json({ items: await viewAll() }, 200))
  app.openapi(pause, async (c) => c.json(await setPaused(c.req.valid('param').name, clock.now()), 200))
  app.openapi(resume, async (c) => c.json(await setPaused(c.req.valid('param').name, null), 200))
  return app
}

const viewDestination = (
  { name, preset, url, types }: Destination,
  {
    isDown,
    backlog,
    stored,
  }: {
    isDown: boolean
    backlog: DeliveryBacklog | undefined
    stored: StoredDestination | undefined
  },
): DestinationView => {
  const { pausedAt = null, failingSince = null } = stored ?? {}
  return {
    ...{ name, preset, origin: new URL(url).origin, types },
    state: pausedAt !== null ? 'paused' : isDown ? 'down' : 'up',
    pausedAt: isoOrNull(pausedAt),
    failingSince: isoOrNull(failingSince),
    pending: backlog?.pending ?? 0,
    failed: backlog?.failed ?? 0,
    oldestQueuedAt: isoOrNull(backlog?.oldestQueuedAt ?? null),
  }
}
