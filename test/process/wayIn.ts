import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A reverse proxy in front of the reporter, which a test can cut off from it. */
export interface WayIn {
  /** The public address, without a slash at the end. */
  url: string
  /** From now on every request is answered 502 by the proxy. */
  cut(): void
  mend(): void
  close(): Promise<void>
}

const BAD_GATEWAY = '<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>'

/** @param port where the reporter listens on 127.0.0.1, now or later */
export const openWayIn = async (port: number): Promise<WayIn> => {
  let isCut = false

  const refuse = (answer: ServerResponse): void => {
    if (answer.headersSent) answer.destroy()
    else answer.writeHead(502, { 'content-type': 'text/html' }).end(BAD_GATEWAY)
  }

  const forward = (incoming: IncomingMessage, answer: ServerResponse): void => {
    const { method, url: path, headers } = incoming
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers }, (received) => {
      answer.writeHead(received.statusCode ?? 502, received.headers)
      received.pipe(answer)
    })
    outgoing.on('error', () => refuse(answer))
    incoming.pipe(outgoing)
  }

  const server = createServer((incoming, answer) => (isCut ? refuse(answer) : forward(incoming, answer)))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => {
      isCut = true
    },
    mend: () => {
      isCut = false
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
