import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { type ListenOptions, type PageServer, serveApp } from './serveApp.ts'

export interface PageServerOptions extends ListenOptions {
  /** Replaces `{{reporter}}` in the pages. */
  reporterUrl: string
  /**
   * Where the pages load the probe from. `own`: from the page server, as a page does that is opened while the reporter
   * is down and must be watched all the same. @default 'reporter'
   */
  probe?: 'reporter' | 'own'
}

const REPORTER_TAG = 'src="{{reporter}}/probe.js"'
/** The folder of the built probe. */
const PROBE = new URL('.', import.meta.resolve('@stillrolling/probe/probe.iife.js'))
const HERE = fileURLToPath(new URL('.', import.meta.url))

/** The routes of the page server: pages, their assets, and a counter of visits for each page. */
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
 * Serves the example pages. Each server counts visits of its own: the first one to a page is number 1.
 *
 * @throws when the port cannot be listened on
 * @example
 * const pages = await servePages({ reporterUrl: 'http://127.0.0.1:3000' })
 * console.log(`${pages.url}/healthy.html`)
 */
export const servePages = (options: PageServerOptions): Promise<PageServer> =>
  serveApp(pageRoutes(options), options)
