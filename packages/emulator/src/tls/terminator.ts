import { createServer } from 'node:https'
import type { Socket } from 'node:net'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'
import { closeServer, connectionOf, listen } from '../httpServer.ts'
import type { Connection } from '../rest/restApp.ts'
import type { Authority } from './authority.ts'

/** A server that answers HTTPS requests in Agora's name. */
export interface Terminator {
  port: number
  /** Takes over a connection that a client has asked a proxy for. */
  accept(socket: Socket): void
  close(): Promise<void>
}

export interface TerminatorOptions {
  rest: Hono<{ Bindings: Connection }>
  authority: Pick<Authority, 'key' | 'certificate'>
  host: string
  /** 0 chooses a free one. */
  port: number
}

/** @throws the error of `server.listen` */
export const startTerminator = async ({
  rest,
  authority,
  host,
  port,
}: TerminatorOptions): Promise<Terminator> => {
  /** The TCP sockets below the TLS connections, by the client's port. */
  const sockets = new Map<number | undefined, Socket>()
  const server = createAdaptorServer({
    fetch: (request, bindings) => {
      const connection = bindings as HttpBindings
      return rest.fetch(request, connectionOf(connection, sockets.get(connection.incoming.socket.remotePort)))
    },
    createServer,
    serverOptions: { key: authority.key, cert: authority.certificate },
  })
  server.on('connection', (socket: Socket) => {
    const { remotePort } = socket
    sockets.set(remotePort, socket)
    socket.once('close', () => sockets.delete(remotePort))
  })
  // A client that does not know the authority breaks off the handshake, or goes away in the middle of it.
  server.on('tlsClientError', () => {})
  const boundPort = await listen(server, port, host)
  return {
    port: boundPort,
    accept: (socket) => {
      server.emit('connection', socket)
    },
    close: () => {
      const closed = closeServer(server)
      // Those in the middle of the handshake are not the server's yet.
      for (const socket of sockets.values()) socket.destroy()
      return closed
    },
  }
}
