import { banner } from './cli/banner.ts'
import { formatLogEntry, inColour, withoutColour } from './cli/formatLogEntry.ts'
import { describeListenError, isListenError } from './cli/listenError.ts'
import { HELP, readSettings } from './cli/readSettings.ts'
import { startEmulator } from './startEmulator.ts'
import type { Emulator, EmulatorOptions } from './types.ts'

const HINT = '`npx -y pnpm@12 emulator --help` lists the flags.'

const EXIT_CANNOT_LISTEN = 1
const EXIT_BAD_USAGE = 2
/** 128 + SIGINT, as shells report it. */
const EXIT_INTERRUPTED = 130

const refuse = (exitCode: number, reason: string): void => {
  console.error(`The emulator did not start: ${reason}`)
  process.exitCode = exitCode
}

/** The first signal closes the emulator; a second one exits without waiting. */
const closeOnSignal = (emulator: Emulator): void => {
  let closing = false
  const onSignal = async (): Promise<void> => {
    if (closing) process.exit(EXIT_INTERRUPTED)
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
      log: (entry) => console.log(formatLogEntry(entry, paint)),
    })
    closeOnSignal(emulator)
    console.log(`${banner(emulator, options)}\n`)
  } catch (error) {
    if (!isListenError(error)) throw error
    refuse(EXIT_CANNOT_LISTEN, describeListenError(error, options))
  }
}

const settings = readSettings(process.argv.slice(2), process.env)
if (settings.do === 'help') console.log(HELP)
else if (settings.do === 'refuse') refuse(EXIT_BAD_USAGE, `${settings.errors.join('; ')}. ${HINT}`)
else await start(settings.options)
