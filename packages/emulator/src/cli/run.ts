import { once } from 'node:events'
import { setImmediate as nextEventLoopTurn } from 'node:timers/promises'
import { RecorderSetupError } from '../recorder/recorder.ts'
import { startEmulator } from '../startEmulator.ts'
import { AuthorityError } from '../tls/authorityError.ts'
import type { EmulatorOptions } from '../types.ts'
import { banner } from './banner.ts'
import { HELP } from './flags.ts'
import { formatLogEntry, inColour, withoutColour } from './formatLogEntry.ts'
import { describeListenError, isListenError } from './listenError.ts'
import { readSettings } from './readSettings.ts'

const HINT = '--help lists the flags.'

const EXIT_CANNOT_START = 1
const EXIT_BAD_USAGE = 2

const refuse = (exitCode: number, reason: string): void => {
  console.error(`The emulator did not start: ${reason}`)
  process.exitCode = exitCode
}

const start = async (options: EmulatorOptions, shutdown: AbortSignal): Promise<void> => {
  const paint = process.stdout.isTTY ? inColour : withoutColour
  try {
    const emulator = await startEmulator({
      ...options,
      log: (entry) => console.log(formatLogEntry(entry, paint)),
    })
    console.log(`${banner(emulator, options)}\n`)
    if (!shutdown.aborted) await once(shutdown, 'abort')
    await emulator.close()
    process.exit(0)
  } catch (error) {
    if (isListenError(error)) refuse(EXIT_CANNOT_START, describeListenError(error, options))
    else if (error instanceof RecorderSetupError) refuse(EXIT_BAD_USAGE, error.message)
    else if (error instanceof AuthorityError) {
      refuse(EXIT_CANNOT_START, `${error.message}. Choose another folder with --tls-folder.`)
    } else throw error
  }
}

/** The process: starts the emulator as the flags and the environment say, and closes it at `shutdown`. */
export const run = async (shutdown: AbortSignal): Promise<void> => {
  const settings = readSettings(process.argv.slice(2), process.env)
  // Loading blocked the event loop: a signal that arrived meanwhile is delivered in its next turn.
  await nextEventLoopTurn()
  if (shutdown.aborted) process.exit(0)
  if (settings.do === 'help') console.log(HELP)
  else if (settings.do === 'refuse') refuse(EXIT_BAD_USAGE, `${settings.errors.join('; ')}. ${HINT}`)
  else await start(settings.options, shutdown)
}
