import type { Server } from 'node:http'
import type { Logger } from 'pino'
import { createAgoraClient } from './agoraClient.ts'
import { assemble, type Parts } from './assemble.ts'
import type { Config } from './config.ts'
import { createHttpServer, type HttpServer } from './http/httpServer.ts'
import { type OpenStore, openStore } from './openStore.ts'
import { readProbeFiles } from './probeFiles.ts'
import { systemClock } from './runtime/clock.ts'

/** A running reporter. */
export interface Reporter {
  /** The URL that it listens on, e.g. `http://127.0.0.1:8080`. */
  url: string
  /** From now on /readyz answers 503, and each response ends its connection. Everything else goes on. */
  drain(): void
  /** Resolves when another reporter has taken over the database. This one can do nothing more: end the process. */
  lost: Promise<Error>
  /** Ends the reporter within seconds. The recordings go on, and the next start supervises them again. */
  close(): Promise<void>
}

/** Open connections are closed after this time. */
const CLOSE_TIMEOUT_MS = 2000

/**
 * Opens the database, resumes the supervision of its recordings, and listens.
 * @throws {UnusableDatabaseError} if the database cannot be used
 * @throws if a migration fails, the port is in use, or the probe is not built
 * @example
 * const config = readConfig(process.env)
 * const reporter = await startReporter(config, createLog(config.logLevel))
 * const { status } = await fetch(`${reporter.url}/healthz`)
 * status // => 200
 * await reporter.close()
 */
export const startReporter = async (config: Config, log: Logger): Promise<Reporter> => {
  const database = await openStore(config, log)
  const { store, backups } = database
  let http: HttpServer | undefined
  try {
    const parts = assemble({
      store,
      backups,
      clock: systemClock,
      agora: await createAgoraClient(config, log),
      config,
      probeFiles: readProbeFiles(),
      log,
    })
    await parts.downtimes.begin()
    const { host: hostname, port, http: timeouts } = config
    const listening = createHttpServer(parts.app.fetch, { hostname, timeouts })
    await listen(listening.server, { hostname, port, log })
    http = listening
    await logTakenUp(database, log)
    await startParts(parts)
    return {
      url: urlOf(listening.server, hostname),
      drain: () => drain(parts, listening),
      lost: database.lost,
      close: async () => {
        const backupsStopped = backups.stop()
        await stopParts(parts, listening)
        await backupsStopped
        await database.close()
      },
    }
  } catch (error) {
    http?.server.close()
    await database.close()
    throw error
  }
}

const logTakenUp = async ({ store, name }: OpenStore, log: Logger): Promise<void> => {
  const recordings = await store.countRecordings()
  log.info({ database: name, recordings }, `Stillrolling supervises ${recordings} recordings of ${name}`)
}

const startParts = async (parts: Parts): Promise<void> => {
  const { downtimes, runner, deliveries, sweep, publicUrl, statistics, retention, unreadable } = parts
  downtimes.start()
  await runner.start()
  await deliveries.worker.start()
  sweep.start()
  parts.jobs.begin()
  publicUrl.start()
  statistics.start()
  retention.start()
  unreadable.start()
}

const drain = ({ health }: Parts, { endConnections }: HttpServer): void => {
  health.drain()
  endConnections()
}

const stopParts = async (parts: Parts, http: HttpServer): Promise<void> => {
  drain(parts, http)
  parts.waits.end()
  parts.events.end()
  parts.refresher.stop()
  await parts.publicUrl.stop()
  const stopped = [parts.runner.stop(), parts.deliveries.worker.stop(), parts.jobs.stop()]
  await closeServer(http.server)
  await Promise.all(stopped)
  await parts.unreadable.stop()
  await parts.retention.stop()
  await parts.statistics.stop()
  await parts.sweep.stop()
  parts.downtimes.stop()
}

const listen = (
  server: Server,
  { hostname, port, log }: { hostname: string; port: number; log: Logger },
): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, hostname, () => {
      server.off('error', reject)
      server.on('error', (err) => log.error({ err }, 'A connection could not be accepted'))
      resolve()
    })
  })

const urlOf = (server: Server, host: string): string => {
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Lets running requests finish. Node closes idle keep-alive connections meanwhile. */
const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS)
    server.close(() => {
      clearTimeout(force)
      resolve()
    })
  })
