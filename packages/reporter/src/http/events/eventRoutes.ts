import type { HttpBindings } from '@hono/node-server'
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { type EventFeed, TooManyReadersError } from '../../runtime/events/eventFeed.ts'
import type { EventReader } from '../../runtime/events/eventReader.ts'
import type { AppContext } from '../context.ts'
import { Problem } from '../problem.ts'
import { createRouter, problemContent, SECURITY, UNAUTHORIZED, WRONG_QUERY } from '../recordings/describe.ts'
import { LABEL_PARAMETERS } from '../recordings/recordingQuery.ts'
import { eventHeadersSchema, eventQuerySchema, eventsOptionsOf } from './eventQuery.ts'
import { eventViewSchema, gapEventViewSchema, writeBatch } from './eventView.ts'

const events = createRoute({
  method: 'get',
  path: '/v1/events',
  operationId: 'followEvents',
  tags: ['Recordings'],
  summary: 'Follow what happens to the recordings as server-sent events',
  description:
    'Each timeline entry of each recording is an event, whose `id` is that of the entry. The stream ends after about an hour; with the last id in the header Last-Event-ID the next one goes on exactly there.',
  security: SECURITY,
  parameters: [LABEL_PARAMETERS],
  request: { query: eventQuerySchema, headers: eventHeadersSchema },
  responses: {
    200: {
      content: { 'text/event-stream': { schema: eventViewSchema.or(gapEventViewSchema) } },
      description:
        'Server-sent events without an end. The schema is that of their `data`; `event` is the code, or `gap`',
    },
    401: UNAUTHORIZED,
    422: WRONG_QUERY,
    503: problemContent('Too many clients follow. Retry-After says when to try again', 'too_many_waiting'),
  },
})

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  // nginx would hold back what it has not collected 4 or 8 kB of.
  'x-accel-buffering': 'no',
  connection: 'close',
}

/** Milliseconds after which a client comes back, spread so that not all of them do so together. */
const RETRY_MS = { min: 1000, max: 4000 }

export const eventRoutes = ({ events: feed, log }: Pick<AppContext, 'events' | 'log'>): OpenAPIHono => {
  const app = createRouter()
  // A response with a stream has no type that the generator knows.
  app.openapi(events, async (c) => {
    const { 'last-event-id': lastEventId } = c.req.valid('header')
    const options = eventsOptionsOf(c.req.valid('query'), lastEventId)
    const reader = await openOr503(feed, { ...options, onSlow: () => cut(c) })
    return new Response(
      streamOf(reader, (err) => log.error({ err }, 'events could not be read')),
      {
        headers: HEADERS,
      },
    )
  })
  return app
}

const openOr503 = async (
  feed: EventFeed,
  options: Parameters<EventFeed['open']>[0],
): Promise<EventReader> => {
  try {
    return await feed.open(options)
  } catch (error) {
    if (!(error instanceof TooManyReadersError)) throw error
    throw new Problem(
      'too_many_waiting',
      'As many clients as possible follow the events already. Try again later, or share one stream.',
      { headers: { 'retry-after': '10' } },
    )
  }
}

/** The next events are taken only once the connection has room for them. */
const streamOf = (reader: EventReader, onError: (err: unknown) => void): ReadableStream<Uint8Array> => {
  const encoder = new TextEncoder()
  const retry = Math.round(RETRY_MS.min + Math.random() * (RETRY_MS.max - RETRY_MS.min))
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(encoder.encode(`retry: ${retry}\n\n`)),
      pull: async (controller) => {
        try {
          const batch = await reader.next()
          if (batch) controller.enqueue(encoder.encode(writeBatch(batch)))
          else controller.close()
        } catch (err) {
          reader.close()
          onError(err)
          controller.close()
        }
      },
      cancel: reader.close,
    },
    { highWaterMark: 0 },
  )
}

/** The connection is full, so nothing could be sent on it to end the response. */
const cut = (c: Context): void => {
  const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>
  outgoing?.destroy()
}
