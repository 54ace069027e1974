import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import type { Hono } from 'hono'

export interface PageServer {
  /** Without a slash at the end. */
  url: string
  close(): Promise<void>
}

export interface ListenOptions {
  /** @default '127.0.0.1' */
  host?: string
  /** @default 0, any free port */
  port?: number
}

/** @throws when the port cannot be listened on */
export const serveApp = (
  app: Hono,
  { host = '127.0.0.1', port = 0 }: ListenOptions = {},
): Promise<PageServer> =>
  new Promise((resolve, reject) => {
    const onListening = (address: AddressInfo) => {
      const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
      resolve({ url: `http://${name}:${address.port}`, close })
    }
    const server = serve({ fetch: app.fetch, hostname: host, port }, onListening) as Server
    server.on('error', reject)

    const close = () =>
      new Promise<void>((done, failed) => {
        server.close((error) => (error ? failed(error) : done()))
        // Browsers keep connections open, and a video may be in transfer.
        server.closeAllConnections()
      })
  })
