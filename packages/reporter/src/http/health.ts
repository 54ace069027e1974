import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { CHECKS, type Readiness } from '../runtime/health.ts'
import type { AppContext } from './context.ts'

const checkSchema = z.object({ ok: z.boolean(), detail: z.string() })
const readinessSchema: z.ZodType<Readiness> = z
  .object({
    status: z.enum(['ok', 'degraded', 'unavailable']),
    checks: z.record(z.enum(CHECKS), checkSchema),
  })
  .openapi('Readiness')
const readinessContent = (description: string) => ({
  content: { 'application/json': { schema: readinessSchema } },
  description,
})

const alive = createRoute({
  method: 'get',
  path: '/healthz',
  operationId: 'getLiveness',
  tags: ['Reporter'],
  summary: 'Whether the process runs',
  description:
    'For the liveness probe of an orchestrator: the process and its event loop run. Nothing else is checked.',
  responses: {
    200: {
      content: { 'application/json': { schema: z.object({ status: z.literal('ok') }) } },
      description: 'Always',
    },
  },
})

const ready = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'getReadiness',
  tags: ['Reporter'],
  summary: 'Whether recordings are supervised',
  description: 'For load balancers and monitoring, check by check. It is never unavailable because of Agora.',
  responses: {
    200: readinessContent(
      '`ok`, or `degraded`: a check about reports, the public address, recordings, Agora, notifications, tokens, storage credentials or deliveries fails, and a person should look at it',
    ),
    503: readinessContent(
      '`unavailable`: the database cannot be read, no deadlines are checked, or the process is shutting down',
    ),
  },
})

/** For load balancers and monitoring: needs no key, and is never unavailable because of Agora. Names no recording but those that cannot be read. */
export const healthRoutes = ({ health }: Pick<AppContext, 'health'>): OpenAPIHono => {
  const app = new OpenAPIHono()
  app.openapi(alive, (c) => c.json({ status: 'ok' as const }, 200))
  app.openapi(ready, async (c) => {
    const readiness = await health.check()
    return c.json(readiness, readiness.status === 'unavailable' ? 503 : 200)
  })
  return app
}
