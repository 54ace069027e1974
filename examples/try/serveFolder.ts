import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { type PageServer, serveApp } from '../pages/serveApp.ts'

/** Serves a folder's files as they are, uncached, so that the next attempt sees what was edited. */
export const serveFolder = (folder: string): Promise<PageServer> =>
  serveApp(
    new Hono()
      .use(async (c, next) => {
        await next()
        c.header('cache-control', 'no-store')
      })
      .use(serveStatic({ root: folder })),
  )
