import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { contentTypeOf } from './putObject.ts'

/**
 * Names that begin with a dot are hidden: among them are the folder of unfinished files and `..`. So is `node_modules`, for
 * a recorder that writes into a project.
 */
const HIDDEN = /(^|[/\\])(\.|node_modules([/\\]|$))/

/** As `RecordedFiles` names them. The directory may hold anything else, such as a program in TypeScript. */
const RECORDED = /\.(m3u8|mp4)$|_\d{17}\.ts$/

const isServed = (path: string): boolean => RECORDED.test(path) && !HIDDEN.test(path)

const UNREADABLE = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM']

const isUnreadable = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && UNREADABLE.includes(String(error.code))

/** The entries of a folder; none if it has been removed meanwhile, or may not be read. */
const entriesOf = async (folder: string): Promise<Dirent[]> => {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if (isUnreadable(error)) return []
    throw error
  }
}

/** Every recorded file below a folder of the directory, as its path in the directory. */
const listFiles = async (directory: string, folder = ''): Promise<string[]> => {
  const files: string[] = []
  for (const entry of await entriesOf(join(directory, folder))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (HIDDEN.test(path)) continue
    if (entry.isDirectory()) files.push(...(await listFiles(directory, path)))
    else if (entry.isFile() && isServed(path)) files.push(path)
  }
  return files
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
    const files = (await listFiles(root)).sort()
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
      if (!isServed(path)) return noSuchFile(context)
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
