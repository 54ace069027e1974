import { readFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { serve } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'

export interface PageServerOptions {
  /** Where the pages find the reporter: filled in for `{{reporter}}`. */
  reporterUrl: string
  /**
   * Where the pages load the probe from. `own`: from here, as a page does that must be watched even when it opens
   * while the reporter is down. @default 'reporter'
   */
  probe?: 'reporter' | 'own'
  /** @default '127.0.0.1' */
  host?: string
  /** @default 0, any free port */
  port?: number
}

export interface PageServer {
  /** Without a slash at the end. */
  url: string
  close(): Promise<void>
}

const REPORTER_TAG = 'src="{{reporter}}/probe.js"'
/** Where the probe was built. */
const PROBE = new URL('.', import.meta.resolve('@stillrolling/probe/probe.iife.js'))
const HERE = fileURLToPath(new URL('.', import.meta.url))

/** The routes of the page server: pages, what they are made of, and a count of visits for each page. */
const pageRoutes = ({ reporterUrl, probe = 'reporter' }: PageServerOptions): Hono => {
  const reporter = reporterUrl.replace(/\/+$/, '')
  const ownTag = `src="/probe.js" data-endpoint="${reporter}"`
  const visits = new Map<string, number>()
  return new Hono()
    .get('/:page{[a-z-]+\\.html}', async (c) => {
      const html = await readFile(`${HERE}${c.req.param('page')}`, 'utf8').catch(() => undefined)
      if (html === undefined) return c.notFound()
      const tagged = probe === 'own' ? html.replace(REPORTER_TAG, ownTag) : html
      return c.html(tagged.replaceAll('{{reporter}}', reporter), 200, { 'cache-control': 'no-store' })
    })
    .get('/:file{probe.*\\.js}', async (c) => {
      const file = c.req.param('file') === 'probe.js' ? 'probe.iife.js' : c.req.param('file')
      const script = await readFile(new URL(file, PROBE), 'utf8')
      return c.body(script, 200, { 'content-type': 'text/javascript; charset=utf-8' })
    })
    .use('/assets/*', serveStatic({ root: HERE }))
    .post('/visits/:page', (c) => {
      const page = c.req.param('page')
      const visit = (visits.get(page) ?? 0) + 1
      visits.set(page, visit)
      return c.json({ visit })
    })
}

/**
 * Serves the example pages. Visits are counted per server: a new one meets every page for the first time.
 *
 * @throws when the port cannot be listened on
 * @example
 * const pages = await servePages({ reporterUrl: 'http://127.0.0.1:3000' })
 * console.log(`${pages.url}/healthy.html`)
 */
export const servePages = (options: PageServerOptions): Promise<PageServer> => {
  const { host = '127.0.0.1', port = 0 } = options
  return new Promise((resolve, reject) => {
    const listening = (address: AddressInfo) => {
      const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
      resolve({ url: `http://${name}:${address.port}`, close })
    }
    const server = serve({ fetch: pageRoutes(options).fetch, hostname: host, port }, listening) as Server
    server.on('error', reject)

    const close = () =>
      new Promise<void>((done, failed) => {
        server.close((error) => (error ? failed(error) : done()))
        // Browsers keep connections open, and a video may be on its way.
        server.closeAllConnections()
      })
  })
}
