import { Hono } from 'hono'
import { etag } from 'hono/etag'
import type { AppContext } from './context.ts'

/** `GET /probe.js`: the script tag's source. Short caching, so that a new reporter soon has its new probe in the pages. */
export const probeRoutes = ({ probeScript }: Pick<AppContext, 'probeScript'>): Hono => {
  const app = new Hono()
  app.use('/probe.js', etag())
  app.get('/probe.js', (c) =>
    c.body(probeScript, 200, {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=300',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
    }),
  )
  return app
}
