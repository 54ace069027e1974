import { type Context, Hono } from 'hono'
import { etag } from 'hono/etag'
import type { Described } from './described.ts'
import { docsPage } from './docsPage.ts'
import { DOCS_STYLE } from './docsStyle.ts'

/** Nothing but the style sheet is loaded, nothing is executed, and no other page frames it. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-cache',
}

/** `GET /docs`: the API for people, made from its OpenAPI document. It needs no key, as the document needs none. */
export const docsRoutes = (document: () => Described): Hono => {
  const app = new Hono()
  let page: Promise<string> | undefined
  const send = (c: Context, body: string, type: string): Response =>
    c.body(body, 200, { ...HEADERS, 'content-type': `${type}; charset=utf-8` })
  app.use('/docs/*', etag())
  app.get('/docs', async (c) => {
    page ??= docsPage(document())
    return send(c, await page, 'text/html')
  })
  app.get('/docs/style.css', (c) => send(c, DOCS_STYLE, 'text/css'))
  return app
}
