import { ConfigError, readConfig } from './config.ts'
import { createLog } from './log.ts'
import { type Reporter, startReporter } from './reporter.ts'
import { DatabaseFileError } from './store/sqlite.ts'

const main = async (): Promise<void> => {
  const config = readConfig(process.env)
  const log = createLog(config.logLevel)
  const reporter = await startReporter(config, log)
  log.info({ url: reporter.url, publicUrl: config.publicUrl }, `Stillrolling listens on ${reporter.url}`)
  if (config.apiKeys.length === 0) {
    log.warn('STILLROLLING_API_KEYS is not set: only this machine may call the API')
  }
  if (config.notificationSecrets.length === 0) {
    log.warn('AGORA_NOTIFICATION_SECRET is not set: supervision rests on reports and queries alone')
  }
  endOnSignal(reporter, () =>
    log.info('Stillrolling ends; recordings go on and are watched again after the next start'),
  )
}

/** The first signal ends in order, a second one at once. */
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

/** What a person can act on is said in words; anything else with its stack. */
const explain = (error: unknown): string => {
  if (error instanceof ConfigError) {
    return `Stillrolling cannot start.\n${error.message}\nSee the README for each. To see it work without an Agora account: pnpm demo`
  }
  if (error instanceof DatabaseFileError) return `Stillrolling cannot start. ${error.message}`
  if ((error as NodeJS.ErrnoException)?.code === 'EADDRINUSE') {
    return 'Stillrolling cannot start: the port is taken. Set PORT to another one.'
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
