import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A reverse proxy in front of the reporter, which a test can cut off from it. */
export interface WayIn {
  /** The public address, with the path if there is one, without a slash at the end. */
  url: string
  /** From now on every request is answered by the proxy. @default 502 */
  cut(status?: number): void
  mend(): void
  close(): Promise<void>
}

const pageOf = (status: number): string =>
  `<html><head><title>${status}</title></head><body>${status}</body></html>`

/**
 * @param port where the reporter listens on 127.0.0.1, now or later
 * @param path below which the proxy forwards, and which it removes: `/stillrolling`; it answers everything else 404
 */
export const openWayIn = async (port: number, path = ''): Promise<WayIn> => {
  let cutBy: number | undefined

  const refuse = (answer: ServerResponse, status = 502): void => {
    if (answer.headersSent) answer.destroy()
    else answer.writeHead(status, { 'content-type': 'text/html' }).end(pageOf(status))
  }

  const forward = (incoming: IncomingMessage, answer: ServerResponse): void => {
    const { method, url = '/', headers } = incoming
    if (!url.startsWith(`${path}/`)) {
      refuse(answer, 404)
      return
    }
    const below = url.slice(path.length)
    const outgoing = request({ host: '127.0.0.1', port, method, path: below, headers }, (received) => {
      answer.writeHead(received.statusCode ?? 502, received.headers)
      received.pipe(answer)
    })
    outgoing.on('error', () => refuse(answer))
    incoming.pipe(outgoing)
  }

  const server = createServer((incoming, answer) =>
    cutBy ? refuse(answer, cutBy) : forward(incoming, answer),
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    cut: (status = 502) => {
      cutBy = status
    },
    mend: () => {
      cutBy = undefined
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
