import { brotliCompressSync, gzipSync } from 'node:zlib'
import { type Context, Hono } from 'hono'
import { accepts } from 'hono/accepts'
import { etag } from 'hono/etag'
import type { AppContext } from './context.ts'

const FOREVER = 'public, max-age=31536000, immutable'
/** Short, so that pages soon load the probe of an upgraded reporter. */
const SHORT = 'public, max-age=300'

const WATCH = /^probe-watch\.[0-9a-f]+\.js$/

/** In the order of preference, at their best levels, because each file is compressed once. */
const ENCODINGS = [
  ['br', (text: string): Buffer => brotliCompressSync(text)],
  ['gzip', (text: string): Buffer => gzipSync(text, { level: 9 })],
] as const

/** Returns a text in the best encoding that the request accepts. It is kept by the text: there are few files, but many names. */
const createEncoder = () => {
  const encoded = new Map<string, Uint8Array<ArrayBuffer>>()
  return (c: Context, text: string): { body: string | Uint8Array<ArrayBuffer>; encoding?: string } => {
    const encoding = accepts(c, {
      header: 'Accept-Encoding',
      supports: ENCODINGS.map(([name]) => name),
      default: '',
      match: (asked, { supports }) =>
        supports.find((name) => asked.some(({ type, q }) => type.toLowerCase() === name && q > 0)) ?? '',
    })
    const encode = ENCODINGS.find(([name]) => name === encoding)?.[1]
    if (!encode) return { body: text }
    const key = `${encoding} ${text}`
    const body = encoded.get(key) ?? new Uint8Array(encode(text))
    encoded.set(key, body)
    return { body, encoding }
  }
}

/**
 * `GET /probe.js`, and the files whose names hold a hash of their content: `/probe.<hash>.js`,
 * `/probe-watch.<hash>.js`, and source maps.
 */
export const probeRoutes = ({ probeFiles }: Pick<AppContext, 'probeFiles'>): Hono => {
  const { script, named } = probeFiles
  const watch = [...named].find(([name]) => WATCH.test(name))?.[1]
  const encode = createEncoder()
  /** Pages of any origin may load it: `crossorigin` and `integrity` on the tag need CORS, and so does a module. */
  const send = (c: Context, text: string, name: string, caching: string): Response => {
    const { body, encoding } = encode(c, text)
    return c.body(body, 200, {
      'content-type': name.endsWith('.map') ? 'application/json' : 'text/javascript; charset=utf-8',
      ...(encoding && { 'content-encoding': encoding }),
      vary: 'Accept-Encoding',
      'cache-control': caching,
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
    })
  }

  const app = new Hono()
  // Each encoding has an ETag of its own, because it is computed from the bytes that are sent.
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
