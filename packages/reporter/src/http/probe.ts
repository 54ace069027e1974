import { type Context, Hono } from 'hono'
import { etag } from 'hono/etag'
import type { AppContext } from './context.ts'

const FOREVER = 'public, max-age=31536000, immutable'
/** Short, so that pages soon load the probe of an upgraded reporter. */
const SHORT = 'public, max-age=300'

const WATCH = /^probe-watch\.[0-9a-f]+\.js$/

/** Pages of any origin may load it: `crossorigin` and `integrity` on the tag need CORS, and so does a module. */
const send = (c: Context, body: string, name: string, caching: string): Response =>
  c.body(body, 200, {
    'content-type': name.endsWith('.map') ? 'application/json' : 'text/javascript; charset=utf-8',
    'cache-control': caching,
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
  })

/**
 * `GET /probe.js`, and the files whose names hold a hash of their content: `/probe.<hash>.js`,
 * `/probe-watch.<hash>.js`, and source maps.
 */
export const probeRoutes = ({ probeFiles }: Pick<AppContext, 'probeFiles'>): Hono => {
  const { script, named } = probeFiles
  const watch = [...named].find(([name]) => WATCH.test(name))?.[1]
  const app = new Hono()
  app.use('/:file{probe.*}', etag())
  app.get('/probe.js', (c) => send(c, script, 'probe.js', SHORT))
  app.get('/:file{probe.*\\.(js|map)}', (c) => {
    const name = c.req.param('file')
    const file = named.get(name)
    if (file !== undefined) return send(c, file, name, FOREVER)
    // A page that cached the tag's file before an upgrade requests the old second file. The new one works with it.
    return watch !== undefined && WATCH.test(name) ? send(c, watch, name, 'no-cache') : c.notFound()
  })
  return app
}
