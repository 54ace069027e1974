import { readFile } from 'node:fs/promises'
import { Hono } from 'hono'

/**
 * Files whose server stops in the middle: `GET /<name>?bytes=<count>` sends so many bytes of the file and then nothing,
 * with the connection open, until `POST /<name>` lets the rest go. Requests are told apart by their whole address.
 */
export const haltingFiles = (folder: URL): Hono => {
  const waiting = new Map<string, () => void>()
  return new Hono()
    .get('/:name', async (c) => {
      const file = await readFile(new URL(c.req.param('name'), folder))
      const bytes = Number(c.req.query('bytes'))
      const body = new ReadableStream<Uint8Array>({
        async start(controller) {
          controller.enqueue(file.subarray(0, bytes))
          await new Promise<void>((resolve) => waiting.set(c.req.url, resolve))
          controller.enqueue(file.subarray(bytes))
          controller.close()
        },
        cancel() {
          waiting.delete(c.req.url)
        },
      })
      return c.body(body, 200, { 'content-type': 'video/webm', 'content-length': `${file.length}` })
    })
    .post('/:name', (c) => {
      waiting.get(c.req.url)?.()
      return c.body(null, 204)
    })
}
