import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request that the server has received. */
export interface ReceivedRequest {
  method: string
  path: string
  headers: IncomingHttpHeaders
  /** The parsed JSON body; undefined without a body. */
  json: unknown
  /** Milliseconds on the monotonic clock. */
  at: number
}

export interface HttpServer extends AsyncDisposable {
  url: string
  received: ReceivedRequest[]
}

/** A server on a free port of 127.0.0.1. It answers once it has read the whole request. */
export const startHttpServer = async (answer: RequestListener): Promise<HttpServer> => {
  const received: ReceivedRequest[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    const { method = '', url = '', headers } = request
    const json: unknown = text === '' ? undefined : JSON.parse(text)
    received.push({ method, path: url, headers, json, at: performance.now() })
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
