import { type ParseArgsConfig, parseArgs } from 'node:util'

type Options = NonNullable<ParseArgsConfig['options']>

interface Command<T extends Options> {
  /** The script's name in package.json, as in `npx -y pnpm@12 <name>`. */
  name: string
  /** What `--help` prints. It names every flag of `options`. */
  help: string
  /** The flags, as `parseArgs` of node:util takes them. `help` is added. */
  options: T
  /** Whether arguments without a flag are accepted. @default false */
  allowPositionals?: boolean
}

type Arguments<T extends Options> = ReturnType<
  typeof parseArgs<{ options: T; allowPositionals: true; strict: true }>
>

export interface CommandLine<T extends Options> {
  values: Arguments<T>['values']
  positionals: string[]
  /** The flag's number; `fallback` when it is not given. A value that is out of range ends the process as `refuse` does. */
  numberOf(flag: keyof T & string, range: NumberRange & { fallback: number }): number
  /** Ends the process with exit code 2, after a message and a hint at `--help`. */
  refuse(message: string): never
}

export interface NumberRange {
  /** @default 0 */
  min?: number
  max?: number
  /** Whether fractions are refused. @default true */
  whole?: boolean
}

/**
 * Reads the flags of a command that is run as `npx -y pnpm@12 <name>`. `--help` prints the help and ends the process
 * with exit code 0; an unknown flag or argument prints one sentence and ends it with exit code 2. Call it first, before
 * anything is started.
 *
 * @example
 * const { values, numberOf } = readCommandLine({
 *   name: 'simulate',
 *   help: HELP,
 *   options: { seeds: { type: 'string' }, json: { type: 'boolean' } },
 * })
 * const seeds = numberOf('seeds', { min: 1, fallback: 10_000 })
 */
export const readCommandLine = <const T extends Options>(command: Command<T>): CommandLine<T> => {
  const refuse = (message: string): never => {
    console.error(`${message}. \`npx -y pnpm@12 ${command.name} --help\` lists the flags.`)
    process.exit(2)
  }
  const parse = (): Arguments<T> => {
    try {
      return parseArgs({
        // pnpm passes on the `--` that may separate its own flags from the command's.
        args: process.argv.slice(2).filter((arg) => arg !== '--'),
        options: { ...command.options, help: { type: 'boolean', short: 'h' } },
        allowPositionals: command.allowPositionals ?? false,
        strict: true,
      }) as Arguments<T>
    } catch (error) {
      return refuse(firstSentence(error))
    }
  }
  const { values, positionals } = parse()
  if ((values as { help?: boolean }).help) {
    console.log(command.help.trim())
    process.exit(0)
  }
  const numberOf: CommandLine<T>['numberOf'] = (flag, { fallback, ...range }) => {
    const text = (values as Record<string, unknown>)[flag]
    if (text === undefined) return fallback
    const value = String(text).trim() === '' ? Number.NaN : Number(text)
    return isWithin(value, range) ? value : refuse(`--${flag} must be ${describe(range)}, got "${text}"`)
  }
  return { values, positionals, numberOf, refuse }
}

/** parseArgs adds advice on `--`, which does not apply here. */
const firstSentence = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split(/\.\s/)[0] ?? ''

const isWithin = (value: number, { min = 0, max = Number.MAX_SAFE_INTEGER, whole = true }: NumberRange) =>
  value >= min && value <= max && (!whole || Number.isSafeInteger(value))

const describe = ({ min = 0, max, whole = true }: NumberRange): string =>
  `a ${whole ? 'whole ' : ''}number ${max === undefined ? `of at least ${min}` : `from ${min} to ${max}`}`
