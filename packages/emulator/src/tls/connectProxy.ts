import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ServerType } from '@hono/node-server'
import { AGORA_HOST } from './agoraHosts.ts'

const HTTPS_PORT = 443
const MAX_PORT = 65_535

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/

/** Host and port of a CONNECT request; null if they cannot be read. */
const targetOf = (authority: string | undefined): { host: string; port: number } | null => {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(authority ?? '') ?? []
  const host = bracketed ?? plain
  return host === undefined || Number(port) > MAX_PORT ? null : { host, port: Number(port) }
}

const refuse = (socket: Duplex, status: string): void => {
  socket.end(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`)
}

const accepted = (socket: Duplex): void => {
  socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
}

/** Connects the client with the host that it asked for. */
const tunnel = (client: Socket, head: Buffer, target: { host: string; port: number }): void => {
  const upstream = connect(target)
  let connected = false
  upstream.once('connect', () => {
    connected = true
    accepted(client)
    upstream.write(head)
    client.pipe(upstream).pipe(client)
  })
  upstream.on('error', () => (connected ? client.destroy() : refuse(client, '502 Bad Gateway')))
  upstream.once('close', () => client.destroy())
  client.once('close', () => upstream.destroy())
}

/**
 * Makes the server a proxy for `HTTPS_PROXY`: connections to Agora's hosts are passed to `accept`, those to other hosts
 * are connected, because a client sends all its HTTPS requests to its proxy. Only clients on this machine are connected:
 * to others the server would open the network that it is in.
 *
 * @returns a function that closes the connections
 */
export const addConnectProxy = (server: ServerType, accept: (socket: Socket) => void): (() => void) => {
  const clients = new Set<Socket>()
  server.on('connect', (request: IncomingMessage, _: Duplex, head: Buffer) => {
    const { socket: client } = request
    clients.add(client)
    client.once('close', () => clients.delete(client))
    client.on('error', () => client.destroy())
    const target = targetOf(request.url)
    if (target === null) refuse(client, '400 Bad Request')
    else if (AGORA_HOST.test(target.host) && target.port === HTTPS_PORT) {
      accepted(client)
      if (head.length > 0) client.unshift(head)
      accept(client)
    } else if (LOOPBACK.test(client.remoteAddress ?? '')) tunnel(client, head, target)
    else refuse(client, '403 Forbidden')
  })
  return () => {
    for (const client of clients) client.destroy()
  }
}
