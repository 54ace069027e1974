import type { AddressInfo } from 'node:net'
import { createAdaptorServer, type HttpBindings, type ServerType } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono } from 'hono'
import { createControlApp } from './control/controlApp.ts'
import { createEmulatorCore } from './createEmulatorCore.ts'
import { createFilesApp } from './recorder/filesApp.ts'
import type { Connection } from './rest/restApp.ts'
import type { Emulator, EmulatorOptions } from './types.ts'

/** Resolves with the port. */
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

const connectionOf = ({ incoming }: HttpBindings): Connection => ({
  end: (how) => {
    if (how === 'reset') incoming.socket.resetAndDestroy()
    else incoming.socket.destroy()
    return RESPONSE_ALREADY_SENT
  },
})

/**
 * Starts an emulator of Agora Cloud Recording on this machine: the REST API, notifications, and a Chromium that opens
 * the pages of its tasks.
 *
 * @throws the error of `server.listen`, for instance `EADDRINUSE` if the port is in use
 * @throws {RecorderSetupError} if recordings are to be written and there is no ffmpeg, or the folder cannot be written
 * @example
 * const credentials = { appId: 'app', customerId: 'id', customerSecret: 'secret' }
 * const emulator = await startEmulator({ ...credentials, browser: false })
 * const client = createCloudRecording({ ...credentials, baseUrls: [emulator.url] })
 * await client.acquire({ cname: 'class42', uid: '1', clientRequest: { scene: 1 } })
 * emulator.requests().length // => 1
 * await emulator.close()
 */
export const startEmulator = async (options: EmulatorOptions): Promise<Emulator> => {
  const { host = '127.0.0.1' } = options
  const { rest, controls, close } = createEmulatorCore(options)
  const app = new Hono<{ Bindings: Connection }>()
  app.route('/_control', createControlApp(controls))
  if (options.record) app.route('/_files', createFilesApp(options.record.directory))
  app.route('/', rest)
  const server = createAdaptorServer({
    fetch: (request, bindings) => app.fetch(request, connectionOf(bindings as HttpBindings)),
  })
  const port = await listen(server, options.port ?? 0, host)

  const shutDown = async (): Promise<void> => {
    // Before the server closes: closing ends the calls that hang.
    const closed = close()
    await Promise.all([closeServer(server), closed])
  }
  let shutdown: Promise<void> | null = null

  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  return {
    url,
    controlUrl: `${url}/_control`,
    ...controls,
    close: () => {
      shutdown ??= shutDown()
      return shutdown
    },
  }
}
