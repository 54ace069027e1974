import { type ServerType, serve } from '@hono/node-server'
import { createCloudRecording, createQuota } from '@stillrolling/rest-core'
import type { Logger } from 'pino'
import { assemble } from './assemble.ts'
import type { Config } from './config.ts'
import { readProbeFiles } from './probeFiles.ts'
import { systemClock } from './runtime/clock.ts'
import { migrate } from './store/migrate.ts'
import { openSqlite } from './store/sqlite.ts'
import { createSqlStore } from './store/sqlStore.ts'

/** A running reporter. */
export interface Reporter {
  /** Where it listens, e.g. `http://127.0.0.1:8080`. */
  url: string
  /** Ends its own work, and leaves every recording running: they are watched again after the next start. */
  close(): Promise<void>
}

/** How long open connections may take to finish at the end, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2000

/**
 * Opens the database, takes up the recordings that are there, and listens.
 * @throws when the database or the port cannot be had
 */
export const startReporter = async (config: Config, log: Logger): Promise<Reporter> => {
  const db = openSqlite(config.databaseFile)
  let listening: ServerType | undefined
  try {
    await migrate(db)
    const { qps, ...account } = config.agora
    const agora = createCloudRecording({
      ...account,
      quota: createQuota({ perSecond: qps }),
      log: ({ level, message, ...fields }) => log[level]({ agora: fields }, message),
    })
    const world = {
      store: createSqlStore(db),
      clock: systemClock,
      agora,
      config,
      probeFiles: readProbeFiles(),
      log,
    }
    const { app, heartbeats: pulse, runner, sweep, health, statistics: rollUps, retention } = assemble(world)

    await pulse.restore()
    await sweep.resumeAfterDowntime()
    const server = await listen(app.fetch, config)
    listening = server
    await runner.start()
    sweep.start()
    rollUps.start()
    retention.start()
    return {
      url: urlOf(server, config.host),
      close: async () => {
        health.drain()
        const ended = runner.stop()
        await closeServer(server)
        await ended
        await retention.stop()
        await rollUps.stop()
        await sweep.stop()
        await db.destroy()
      },
    }
  } catch (error) {
    listening?.close()
    await db.destroy()
    throw error
  }
}

const listen = (
  fetch: (request: Request) => Response | Promise<Response>,
  { host, port }: Config,
): Promise<ServerType> =>
  new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname: host, port }, () => resolve(server))
    server.once('error', reject)
  })

const urlOf = (server: ServerType, host: string): string => {
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Lets requests under way finish; idle keep-alive connections would hold the process for seconds. */
const closeServer = (server: ServerType): Promise<void> =>
  new Promise((resolve) => {
    const force = setTimeout(
      () => 'closeAllConnections' in server && server.closeAllConnections(),
      CLOSE_TIMEOUT_MS,
    )
    server.close(() => {
      clearTimeout(force)
      resolve()
    })
    if ('closeIdleConnections' in server) server.closeIdleConnections()
  })
