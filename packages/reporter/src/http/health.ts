import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { Readiness } from '../runtime/health.ts'
import type { AppContext } from './context.ts'

const checkSchema = z.object({ ok: z.boolean(), detail: z.string() })
const readinessSchema: z.ZodType<Readiness> = z
  .object({
    status: z.enum(['ok', 'degraded', 'unavailable']),
    checks: z.object({
      database: checkSchema,
      supervisor: checkSchema,
      reports: checkSchema,
      process: checkSchema,
    }),
  })
  .openapi('Readiness')
const answer = (description: string) => ({
  content: { 'application/json': { schema: readinessSchema } },
  description,
})

const alive = createRoute({
  method: 'get',
  path: '/healthz',
  summary: 'The process runs and its event loop turns. Nothing else is looked at.',
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
  summary: 'Whether recordings are supervised',
  responses: {
    200: answer('`ok`, or `degraded`: most pages are silent, and silence restarts nothing for now'),
    503: answer('`unavailable`: the database cannot be read, no deadline is judged, or it is about to end'),
  },
})

/** For load balancers and alarms; no key is needed, and no recording is named. Agora's health is no part of ours. */
export const healthRoutes = ({ health }: Pick<AppContext, 'health'>): OpenAPIHono => {
  const app = new OpenAPIHono()
  app.openapi(alive, (c) => c.json({ status: 'ok' as const }, 200))
  app.openapi(ready, async (c) => {
    const readiness = await health.check()
    return c.json(readiness, readiness.status === 'unavailable' ? 503 : 200)
  })
  return app
}
