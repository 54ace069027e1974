import { readFile } from 'node:fs/promises'
import { Hono } from 'hono'

/**
 * Files whose download halts: `GET /<name>?bytes=<count>` sends that number of bytes and keeps the connection open until
 * a `POST` to the same URL releases the rest.
 */
export const haltingFiles = (folder: URL): Hono => {
  const releases = new Map<string, () => void>()
  return new Hono()
    .get('/:name', async (c) => {
      const file = await readFile(new URL(c.req.param('name'), folder))
      const bytes = Number(c.req.query('bytes'))
      const released = Promise.withResolvers<void>()
      releases.set(c.req.url, released.resolve)
      const body = new ReadableStream<Uint8Array>({
        async start(controller) {
          controller.enqueue(file.subarray(0, bytes))
          await released.promise
          controller.enqueue(file.subarray(bytes))
          controller.close()
        },
        cancel() {
          // The same file may have been requested anew.
          if (releases.get(c.req.url) === released.resolve) releases.delete(c.req.url)
        },
      })
      return c.body(body, 200, { 'content-type': 'video/webm', 'content-length': `${file.length}` })
    })
    .post('/:name', (c) => {
      releases.get(c.req.url)?.()
      return c.body(null, 204)
    })
}
