import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { iso } from '../../isoTime.ts'
import type { StoredTimelineEntry } from '../../store/types.ts'
import type { AppContext } from '../context.ts'
import { createRouter, idParameters, pageResponses, SECURITY, UNKNOWN_ID } from './describe.ts'
import { loadOr404 } from './loadOr404.ts'

/** One timeline entry as the API shows it. */
export interface TimelineView {
  id: number
  at: string
  code: string
  attempt: number | null
  message: string
  evidence: Record<string, unknown>
}

export const timelineViewSchema: z.ZodType<TimelineView> = z
  .object({
    id: z.int(),
    at: z.iso.datetime(),
    code: z.string(),
    attempt: z.int().nullable(),
    message: z.string(),
    evidence: z.record(z.string(), z.unknown()),
  })
  .openapi('TimelineEntry')

const timeline = createRoute({
  method: 'get',
  path: '/v1/recordings/{id}/timeline',
  operationId: 'listTimelineEntries',
  tags: ['Recordings'],
  summary: 'List the timeline of a recording, oldest first',
  description: 'What happened to the recording and why, with the facts behind each decision.',
  security: SECURITY,
  request: {
    params: idParameters,
    query: z.strictObject({
      after: z.coerce
        .number()
        .int()
        .min(0)
        .default(0)
        .openapi({ type: 'integer', minimum: 0, default: 0, description: 'The `next` of the previous page' }),
      limit: z.coerce.number().int().min(1).max(1000).default(500),
    }),
  },
  responses: { ...pageResponses(timelineViewSchema, z.int()), 404: UNKNOWN_ID },
})

export const timelineRoutes = ({ store, engine }: AppContext): OpenAPIHono => {
  const app = createRouter()
  app.openapi(timeline, async (c) => {
    const { id } = c.req.valid('param')
    const { after, limit } = c.req.valid('query')
    await loadOr404(engine, id)
    const rows = await store.readTimeline(id, { after, limit: limit + 1 })
    const items = rows.slice(0, limit)
    const next = rows.length > limit ? (items.at(-1)?.id ?? null) : null
    return c.json({ items: items.map(viewTimelineEntry), next }, 200)
  })
  return app
}

const viewTimelineEntry = ({ at, ...entry }: StoredTimelineEntry): TimelineView => ({
  ...entry,
  at: iso(at),
})
