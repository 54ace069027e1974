import { readFile } from 'node:fs/promises'
import type { AddressInfo, Server } from 'node:net'
import { serve } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { haltingFiles } from './haltingFiles.ts'

/** Serves `test/pages` and the example pages on an origin of its own, as a user's application does. */
export interface PageServer {
  url: string
  /** Adds a page at `/made/<name>`; `{{reporter}}` is filled in. */
  add(name: string, html: string, headers?: Record<string, string>): void
  close(): Promise<void>
}

const PAGES = new URL('../pages/', import.meta.url)
const EXAMPLES = new URL('../../examples/pages/', import.meta.url)

/** @param reporter the URL that replaces `{{reporter}}` */
export const servePages = async (reporter: string): Promise<PageServer> => {
  const made = new Map<string, { html: string; headers: Record<string, string> }>()
  const fill = (html: string) => html.replaceAll('{{reporter}}', reporter)
  const app = new Hono()
    .get('/made/:name', (c) => {
      const page = made.get(c.req.param('name'))
      return page ? c.html(fill(page.html), 200, page.headers) : c.notFound()
    })
    .get('/example/:page{[a-z-]+\\.html}', async (c) =>
      c.html(fill(await readFile(new URL(c.req.param('page'), EXAMPLES), 'utf8'))),
    )
    .get('/:page{[a-z-]+\\.html}', async (c) =>
      c.html(fill(await readFile(new URL(c.req.param('page'), PAGES), 'utf8'))),
    )
    .route('/halting', haltingFiles(new URL('assets/', EXAMPLES)))
    .use('/assets/*', serveStatic({ root: EXAMPLES.pathname }))

  const server = await new Promise<Server>((resolve) => {
    const listening = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, () =>
      resolve(listening as Server),
    )
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    add: (name, html, headers = {}) => made.set(name, { html, headers }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) (server.closeAllConnections as () => void)()
      }),
  }
}
