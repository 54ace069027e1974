import { homedir } from 'node:os'
import { join } from 'node:path'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { createControlApp } from './control/controlApp.ts'
import { createEmulatorCore } from './createEmulatorCore.ts'
import { closeServer, connectionOf, listen } from './httpServer.ts'
import { serveOverview } from './overview/serveOverview.ts'
import { createFilesApp } from './recorder/filesApp.ts'
import type { Connection } from './rest/restApp.ts'
import { addConnectProxy } from './tls/connectProxy.ts'
import type { Terminator } from './tls/terminator.ts'
import type { Emulator, EmulatorOptions, EmulatorTls } from './types.ts'

const TLS_FOLDER = join(homedir(), '.stillrolling', 'emulator')

interface StartedTls {
  terminator: Terminator
  files: Omit<EmulatorTls, 'port'>
}

/** Loads the modules only when they are needed: making certificates takes a library of its own. */
const startTls = async (
  { port = 0, folder = TLS_FOLDER }: NonNullable<EmulatorOptions['tls']>,
  rest: Hono<{ Bindings: Connection }>,
  host: string,
): Promise<StartedTls> => {
  const [{ loadAuthority }, { startTerminator }] = await Promise.all([
    import('./tls/authority.ts'),
    import('./tls/terminator.ts'),
  ])
  const { caFile, bundleFile, nodeHookFile, ...authority } = await loadAuthority(folder)
  const terminator = await startTerminator({ rest, authority, host, port })
  return { terminator, files: { caFile, bundleFile, nodeHookFile } }
}

/**
 * Starts an emulator of Agora Cloud Recording on this machine: the REST API, notifications, and a Chromium that opens
 * the pages of its tasks.
 *
 * @throws the error of `server.listen`, for instance `EADDRINUSE` if the port is in use
 * @throws {AuthorityError} if the certificates for the option `tls` cannot be read or written
 * @throws {RecorderSetupError} if recordings are to be written and there is no ffmpeg, or the folder cannot be written
 * @throws {TypeError} if `appCertificate` is given and it or `appId` does not have 32 hexadecimal digits
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
  const control = createControlApp(controls, serveOverview(controls, options))
  app.get('/', (context) => control.fetch(context.req.raw))
  app.get('/_control/', (context) => context.redirect('/_control'))
  app.route('/_control', control)
  if (options.record) app.route('/_files', createFilesApp(options.record.directory))
  app.route('/', rest)
  const server = createAdaptorServer({
    fetch: (request, bindings) => app.fetch(request, connectionOf(bindings as HttpBindings)),
  })
  let tls: StartedTls | null = null
  let closeProxied = (): void => {}

  const shutDown = async (): Promise<void> => {
    // Before the servers close: closing ends the calls that hang.
    const closed = close()
    closeProxied()
    await Promise.all([closeServer(server), tls?.terminator.close(), closed])
  }
  let shutdown: Promise<void> | null = null

  let port: number
  try {
    if (options.tls) {
      tls = await startTls(options.tls, rest, host)
      closeProxied = addConnectProxy(server, tls.terminator.accept)
    }
    port = await listen(server, options.port ?? 0, host)
  } catch (error) {
    await shutDown()
    throw error
  }
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  return {
    url,
    controlUrl: `${url}/_control`,
    tls: tls && { port: tls.terminator.port, ...tls.files },
    ...controls,
    close: () => {
      shutdown ??= shutDown()
      return shutdown
    },
  }
}
