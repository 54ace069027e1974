import { readdir } from 'node:fs/promises'
import { relative, resolve, sep } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { contentTypeOf } from './putObject.ts'

/** Names that begin with a dot are hidden: among them are the folder of unfinished files and `..`. */
const HIDDEN = /(^|[/\\])\./

/** Every file, as its path below the directory. */
const listFiles = async (directory: string): Promise<string[]> => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, resolve(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .filter((path) => !HIDDEN.test(path))
    .sort()
}

const urlPath = (path: string): string => path.split('/').map(encodeURIComponent).join('/')

const noSuchFile = (context: Context): Response => context.text('No such file', 404)

/** Serves the recorded files, in ranges if asked, so that a player can seek, and a list of them. It changes nothing. */
export const createFilesApp = (directory: string): Hono => {
  const root = resolve(directory)
  const app = new Hono()

  app.use(async (context, next) => {
    await next()
    const { headers } = context.res
    headers.set('x-content-type-options', 'nosniff')
    // A playlist grows.
    headers.set('cache-control', 'no-cache')
    if (context.res.status >= 300) return
    const type = contentTypeOf(context.req.path)
    if (type) headers.set('content-type', type)
    headers.set('accept-ranges', 'bytes')
  })

  const list = async (context: Context): Promise<Response> => {
    const files = await listFiles(root)
    const items = files.map((path) => html`<li><a href="/_files/${urlPath(path)}">${path}</a></li>\n`)
    return context.html(html`<!doctype html><title>Recorded files</title><h1>Recorded files</h1>
<ul>${items}</ul>`)
  }
  app.get('/', list)

  app.get(
    '/*',
    async (context, next) => {
      const path = context.req.path.replace(/^\/_files\//, '')
      // '/_files/', which is another route than '/_files'.
      if (path === '') return list(context)
      if (HIDDEN.test(path) || contentTypeOf(path) === undefined) return noSuchFile(context)
      return next()
    },
    serveStatic({
      root,
      allowPercentInPath: true,
      rewriteRequestPath: (path) => path.replace(/^\/_files/, ''),
    }),
  )

  // Otherwise the REST API would answer.
  app.all('*', noSuchFile)
  return app
}
