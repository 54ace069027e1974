import type { AddressInfo } from 'node:net'
import type { HttpBindings, ServerType } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Connection } from './rest/restApp.ts'

/** Resolves with the port. */
export const listen = (server: ServerType, port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })

export const closeServer = (server: ServerType): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    if ('closeAllConnections' in server) server.closeAllConnections()
  })

/** What can be done to the socket of a connection. */
export interface Closable {
  destroy(): unknown
  resetAndDestroy(): unknown
}

/** @param socket the TCP socket, if it is not the one of the request: that of a TLS connection cannot be reset */
export const connectionOf = ({ incoming }: HttpBindings, socket: Closable = incoming.socket): Connection => ({
  end: (how) => {
    if (how === 'reset') socket.resetAndDestroy()
    else socket.destroy()
    return RESPONSE_ALREADY_SENT
  },
})
