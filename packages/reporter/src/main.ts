import { parseArgs } from 'node:util'
import { ConfigError, readConfig } from './config.ts'
import { createLog } from './log.ts'
import { type Reporter, startReporter } from './reporter.ts'
import { DatabaseFileError } from './store/sqlite.ts'

const HELP = `Starts the reporter: it has web pages recorded by Agora, supervises the recordings and restarts those that fail.

  npx -y pnpm@12 start

It takes no flags. Environment variables configure it; docs/configuration.md describes all of them. Required:

  STILLROLLING_SECRET                         signs the tokens of recorded pages
  AGORA_APP_ID                                the App ID of the Agora project
  AGORA_CUSTOMER_ID, AGORA_CUSTOMER_SECRET    Agora's REST credentials
  STORAGE_PROFILES                            where Agora stores the files

SIGINT (Ctrl-C) and SIGTERM end it; the recordings go on, and the next start supervises them again.`

/** Prints the help or refuses flags; either ends the process. */
const readCommandLine = (): void => {
  // pnpm passes on the `--` that may separate its own flags from the command's.
  const args = process.argv.slice(2).filter((arg) => arg !== '--')
  try {
    const { values } = parseArgs({ args, options: { help: { type: 'boolean', short: 'h' } } })
    if (!values.help) return
    console.log(HELP)
    process.exit(0)
  } catch (error) {
    // After its first sentence, parseArgs advises on positional arguments, which do not exist here.
    const [sentence] = error instanceof Error ? error.message.split(/\.\s/) : [String(error)]
    console.error(`${sentence}. The reporter takes no flags but --help; environment variables configure it.`)
    process.exit(2)
  }
}

const main = async (): Promise<void> => {
  readCommandLine()
  const config = readConfig(process.env)
  const log = createLog(config.logLevel)
  const reporter = await startReporter(config, log)
  log.info({ url: reporter.url, publicUrl: config.publicUrl }, `Stillrolling listens on ${reporter.url}`)
  if (config.apiKeys.length === 0) {
    log.warn('STILLROLLING_API_KEYS is not set: only this machine may call the API')
  }
  if (config.notificationSecrets.length === 0) {
    log.warn('AGORA_NOTIFICATION_SECRET is not set: supervision relies on reports and queries alone')
  }
  endOnSignal(reporter, () =>
    log.info('Stillrolling ends; recordings go on and are supervised again after the next start'),
  )
}

/** The first signal closes the reporter in order, a second one ends the process immediately. */
const endOnSignal = (reporter: Reporter, say: () => void): void => {
  let ending = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (ending) process.exit(1)
      ending = true
      say()
      reporter.close().then(
        () => process.exit(0),
        () => process.exit(1),
      )
    })
  }
}

main().catch((error: unknown) => {
  console.error(explain(error))
  process.exitCode = 1
})

/** Errors that the operator can act on become a message; others keep their stack. */
const explain = (error: unknown): string => {
  if (error instanceof ConfigError) {
    return `Stillrolling cannot start.\n${error.message}\ndocs/configuration.md describes each variable. To see Stillrolling work without an Agora account: npx -y pnpm@12 demo`
  }
  if (error instanceof DatabaseFileError) return `Stillrolling cannot start. ${error.message}`
  if ((error as NodeJS.ErrnoException)?.code === 'EADDRINUSE') {
    return 'Stillrolling cannot start: the port is in use. Set PORT to another one.'
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
