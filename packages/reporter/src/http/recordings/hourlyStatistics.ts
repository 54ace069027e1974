import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { iso } from '../../isoTime.ts'
import type { HourlyStatistics } from '../../store/types.ts'
import type { AppContext } from '../context.ts'
import {
  createRouter,
  idParameters,
  jsonContent,
  NO_QUERY,
  SECURITY,
  UNAUTHORIZED,
  UNKNOWN_ID,
  WRONG_QUERY,
} from './describe.ts'
import { loadOr404 } from './loadOr404.ts'

/** One attempt's reports of one hour, added up. */
export interface HourlyStatisticsView extends Omit<HourlyStatistics, 'recordingId' | 'hour'> {
  /** When the hour began, ISO 8601 in UTC. */
  hour: string
}

const figure = (description: string) => z.int().min(0).openapi({ description })

export const hourlyStatisticsSchema: z.ZodType<HourlyStatisticsView> = z
  .object({
    attempt: z.int(),
    hour: z.iso
      .datetime()
      .openapi({ description: 'When the hour began', example: '2026-01-01T03:00:00.000Z' }),
    reports: figure('Number of reports stored; a repeated report counts once'),
    unhealthy: figure('Number of these reports that had failed checks after the page had loaded'),
    missed: figure('Number of reports that the page made and that did not arrive'),
    errors: figure('Largest number of script errors that one document had reported'),
    failed: figure('Largest number of files that one document could not load'),
    lateMax: figure("Largest delay of the page's timer, in milliseconds"),
    blank: figure('Number of heartbeats of a visible page that had painted nothing since the report before'),
  })
  .openapi('HourlyStatistics')

const stats = createRoute({
  method: 'get',
  path: '/v1/recordings/{id}/stats',
  operationId: 'listHourlyStatistics',
  tags: ['Recordings'],
  summary: 'List hourly statistics of a recording, oldest first',
  description:
    "The reports of a recording's pages, added up by attempt and hour. They are at most a minute old.",
  security: SECURITY,
  request: { params: idParameters, query: NO_QUERY },
  responses: {
    200: {
      ...jsonContent(z.object({ items: z.array(hourlyStatisticsSchema) })),
      description: 'One item for each attempt and each hour (UTC) in which its page sent reports',
    },
    401: UNAUTHORIZED,
    404: UNKNOWN_ID,
    422: WRONG_QUERY,
  },
})

export const hourlyStatisticsRoutes = ({ store, engine }: AppContext): OpenAPIHono => {
  const app = createRouter()
  app.openapi(stats, async (c) => {
    const { id } = c.req.valid('param')
    await loadOr404(engine, id)
    return c.json({ items: (await store.readHourlyStatistics(id)).map(viewHourlyStatistics) }, 200)
  })
  return app
}

const viewHourlyStatistics = ({
  recordingId: _,
  hour,
  ...figures
}: HourlyStatistics): HourlyStatisticsView => ({
  ...figures,
  hour: iso(hour),
})
