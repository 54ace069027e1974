import type { AddressInfo } from 'node:net'
import { createAdaptorServer, type HttpBindings, type ServerType } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono } from 'hono'
import { createControlApp } from './control/controlApp.ts'
import { createEmulatorCore } from './createEmulatorCore.ts'
import type { Connection } from './rest/restApp.ts'
import type { Emulator, EmulatorOptions } from './types.ts'

const listen = (server: ServerType, port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })

const closeServer = (server: ServerType): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    if ('closeAllConnections' in server) server.closeAllConnections()
  })

const carrierOf = ({ incoming }: HttpBindings): Connection => ({
  cut: (reset) => {
    if (reset) incoming.socket.resetAndDestroy()
    else incoming.socket.destroy()
    return RESPONSE_ALREADY_SENT
  },
})

/**
 * Starts Agora Cloud Recording on this machine: the REST API, notifications, and a real Chromium that opens the pages
 * of its tasks. Close it when done.
 *
 * @throws if the port is taken
 * @example
 * const emulator = await startEmulator({ appId: 'app', customerId: 'id', customerSecret: 'secret' })
 * // … point a client at emulator.url
 * await emulator.close()
 */
export const startEmulator = async (options: EmulatorOptions): Promise<Emulator> => {
  const { host = '127.0.0.1' } = options
  const { rest, controls, close } = createEmulatorCore(options)
  const app = new Hono<{ Bindings: Connection }>()
  app.route('/_control', createControlApp(controls))
  app.route('/', rest)
  const server = createAdaptorServer({
    fetch: (request, bindings) => app.fetch(request, carrierOf(bindings as HttpBindings)),
  })
  const port = await listen(server, options.port ?? 0, host)

  const shutDown = async (): Promise<void> => {
    const ended = close()
    await Promise.all([closeServer(server), ended])
  }
  let shutting: Promise<void> | null = null

  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  return {
    url,
    controlUrl: `${url}/_control`,
    ...controls,
    close: () => {
      shutting ??= shutDown()
      return shutting
    },
  }
}
