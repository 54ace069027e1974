import { parseArgs } from 'node:util'

/**
 * Reads the arguments of a command that has no flag but `--help`. Prints the help, or what is wrong with the arguments and
 * `advice`; either ends the process, with 0 and 2.
 * @returns the positional arguments
 */
export const readArguments = (command: {
  help: string
  advice: string
  allowPositionals?: boolean
}): string[] => {
  const { help, advice, allowPositionals = false } = command
  // pnpm passes on the `--` that may separate its own flags from the command's.
  const args = process.argv.slice(2).filter((arg) => arg !== '--')
  try {
    const options = { help: { type: 'boolean', short: 'h' } } as const
    const { values, positionals } = parseArgs({ args, options, allowPositionals })
    if (!values.help) return positionals
    console.log(help)
    process.exit(0)
  } catch (error) {
    // After its first sentence, parseArgs advises on arguments that begin with `-`, which do not exist here.
    const [sentence] = error instanceof Error ? error.message.split(/\.\s/) : [String(error)]
    console.error(`${sentence}. ${advice}`)
    process.exit(2)
  }
}
