import { once } from 'node:events'
import { setImmediate as nextEventLoopTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { type Config, ConfigError, readConfig } from './config.ts'
import { createLog } from './log.ts'
import { readArguments } from './readArguments.ts'
import { type Reporter, startReporter } from './reporter.ts'
import { startWarnings } from './startWarnings.ts'
import { UnusableDatabaseError } from './store/errors.ts'

const HELP = `Starts the reporter: it has web pages recorded by Agora, supervises the recordings and restarts those that fail.

  npx -y pnpm@12 start

It takes no flags. Environment variables configure it; docs/configuration.md describes all of them. Required:

  STILLROLLING_SECRET                         signs the tokens of recorded pages
  STILLROLLING_API_KEYS                       your servers send one of them
  PUBLIC_URL                                  the address at which recorded pages reach the reporter
  AGORA_APP_ID                                the App ID of the Agora project
  AGORA_CUSTOMER_ID, AGORA_CUSTOMER_SECRET    Agora's REST credentials
  STORAGE_PROFILES                            where Agora stores the files

SIGINT (Ctrl-C) and SIGTERM end it; the recordings go on, and the next start supervises them again. npx does not pass SIGTERM
on: docs/configuration.md says how a service manager starts it.`

/**
 * The process: starts the reporter as the environment says, and closes it at `shutdown`. A shutdown during the start takes
 * effect when the start is complete.
 */
export const run = async (shutdown: AbortSignal): Promise<void> => {
  try {
    readArguments({
      help: HELP,
      advice: 'The reporter takes no flags but --help; environment variables configure it.',
    })
    const config = readConfig(process.env)
    // Loading blocked the event loop: a signal that arrived meanwhile is delivered in its next turn.
    await nextEventLoopTurn()
    if (shutdown.aborted) return
    const log = createLog(config.logLevel)
    const reporter = await startReporter(config, log)
    logStart(reporter, config, log)
    const lost = await Promise.race([aborted(shutdown), reporter.lost])
    if (lost) {
      log.fatal(`Stillrolling ends. ${lost.message}`)
      process.exit(1)
    }
    await delayEnd(reporter, { delay: shutdown.reason === 'SIGTERM' ? config.shutdownDelay : 0, log })
    log.info('Stillrolling ends; recordings go on and are supervised again after the next start')
    await reporter.close()
    process.exit(0)
  } catch (error) {
    console.error(explain(error))
    process.exit(1)
  }
}

/** SIGTERM comes from a service manager, and a load balancer may still send requests. Somebody waits for Ctrl-C. */
const delayEnd = async (
  reporter: Reporter,
  { delay, log }: { delay: number; log: Logger },
): Promise<void> => {
  if (delay === 0) return
  reporter.drain()
  log.info(`Stillrolling ends in ${delay} s; until then it goes on, and /readyz answers 503`)
  await sleep(delay * 1000)
}

const logStart = ({ url }: Reporter, config: Config, log: Logger): void => {
  log.info({ url, publicUrl: config.publicUrl }, `Stillrolling listens on ${url}`)
  for (const warning of startWarnings(config, process.env)) log.warn(warning)
}

const aborted = async (signal: AbortSignal): Promise<void> => {
  if (!signal.aborted) await once(signal, 'abort')
}

/** Errors that the operator can act on become a message; others keep their stack. */
const explain = (error: unknown): string => {
  if (error instanceof ConfigError) {
    return `Stillrolling cannot start.\n${error.message}\ndocs/configuration.md describes each variable. To see Stillrolling work without an Agora account: npx -y pnpm@12 demo`
  }
  if (error instanceof UnusableDatabaseError) return `Stillrolling cannot start. ${error.message}`
  if ((error as NodeJS.ErrnoException)?.code === 'EADDRINUSE') {
    return 'Stillrolling cannot start: the port is in use. Set PORT to another one.'
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
