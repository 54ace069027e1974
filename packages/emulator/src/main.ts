import { banner } from './cli/banner.ts'
import { formatLogEntry, inColour, withoutColour } from './cli/formatLogEntry.ts'
import { HELP, readSettings } from './cli/readSettings.ts'
import { startEmulator } from './startEmulator.ts'
import type { Emulator, EmulatorOptions } from './types.ts'

const INTERRUPTED = 130

const FAILED = 1
/** A command line or an environment variable that cannot be used. */
const MISUSED = 2

const refuse = (exitCode: number, ...mistakes: string[]): void => {
  console.error(['The emulator did not start:', ...mistakes.map((mistake) => `  ${mistake}`)].join('\n'))
  process.exitCode = exitCode
}

const isAddressInUse = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'

/** The first signal closes; a second one does not wait for that. */
const closeOnSignal = (emulator: Emulator): void => {
  let closing = false
  const onSignal = async (): Promise<void> => {
    if (closing) process.exit(INTERRUPTED)
    closing = true
    await emulator.close()
    process.exit(0)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
}

const start = async (options: EmulatorOptions): Promise<void> => {
  const paint = process.stdout.isTTY ? inColour : withoutColour
  try {
    const emulator = await startEmulator({
      ...options,
      log: (event) => console.log(formatLogEntry(event, paint)),
    })
    closeOnSignal(emulator)
    console.log(`${banner(emulator, options)}\n`)
  } catch (error) {
    if (!isAddressInUse(error)) throw error
    refuse(FAILED, `port ${options.port} is taken: choose another with --port, or a free one with --port 0`)
  }
}

const settings = readSettings(process.argv.slice(2), process.env)
if (settings.do === 'help') console.log(HELP)
else if (settings.do === 'refuse') refuse(MISUSED, ...settings.mistakes, '--help lists the flags')
else await start(settings.options)
