import { ConfigError, readClientConfig } from './config.ts'
import { BackupError, downloadBackup } from './downloadBackup.ts'
import { readArguments } from './readArguments.ts'

const HELP = `Copies the database of the running reporter into a file that opens by itself. Recordings go on.

  npx -y pnpm@12 backup FILE

HOST, PORT and STILLROLLING_API_KEYS (or STILLROLLING_API_KEYS_FILE) must be those of the reporter. Only you can read the
file. An existing one is replaced once the new one is complete and checked. docs/configuration.md says how to restore it.

  -h, --help   prints this`

/** Ends the process unless exactly one file is named. */
const readFileArgument = (): string => {
  const [file, ...others] = readArguments({
    help: HELP,
    advice: '`npx -y pnpm@12 backup --help` describes the command.',
    allowPositionals: true,
  })
  if (file !== undefined && others.length === 0) return file
  console.error('Name one file: npx -y pnpm@12 backup FILE')
  process.exit(2)
}

const main = async (): Promise<void> => {
  const file = readFileArgument()
  const size = await downloadBackup(readClientConfig(process.env), file)
  console.log(`${file}: ${(size / 1_048_576).toFixed(1)} MiB, checked`)
}

main().catch((error: unknown) => {
  const isKnown = error instanceof BackupError || error instanceof ConfigError
  console.error(isKnown ? error.message : error)
  process.exitCode = 1
})
