import { parseArgs } from 'node:util'
import { ConfigError, readClientConfig } from './config.ts'
import { BackupError, downloadBackup } from './downloadBackup.ts'

const HELP = `Copies the database of the running reporter into a file that opens by itself. Recordings go on.

  npx -y pnpm@12 backup FILE

HOST, PORT and STILLROLLING_API_KEYS (or STILLROLLING_API_KEYS_FILE) must be those of the reporter. Only you can read the
file. An existing one is replaced once the new one is complete and checked. docs/configuration.md says how to restore it.

  -h, --help   prints this`

/** Prints the help or refuses the arguments; either ends the process. */
const readFileArgument = (): string => {
  // pnpm passes on the `--` that may separate its own flags from the command's.
  const args = process.argv.slice(2).filter((arg) => arg !== '--')
  try {
    const options = { help: { type: 'boolean', short: 'h' } } as const
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
    const [file] = positionals
    if (values.help) console.log(HELP)
    if (values.help) process.exit(0)
    if (file !== undefined && positionals.length === 1) return file
    console.error('Name one file: npx -y pnpm@12 backup FILE')
  } catch (error) {
    const [sentence] = error instanceof Error ? error.message.split(/\.\s/) : [String(error)]
    console.error(`${sentence}. \`npx -y pnpm@12 backup --help\` describes the command.`)
  }
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
