import { parseArgs } from 'node:util'
import { z } from 'zod'
import type { EmulatorOptions } from '../types.ts'

/** The settings from the flags and the environment. */
export type Settings =
  | { do: 'help' }
  | { do: 'start'; options: EmulatorOptions }
  | { do: 'refuse'; errors: string[] }

export const HELP = `Emulates Agora Cloud Recording (web page mode) on this machine: the REST API, notifications, a real Chromium, and
faults on command.

  npx -y pnpm@12 emulator [flags]

  --port <number>           port to listen on, 0 for any free one (default: 8787)
  --host <address>          address to listen on (default: 127.0.0.1)
  --app-id <id>             App ID that clients use (default: emulator)
  --customer-id <id>        customer ID of HTTP Basic authentication (default: emulator)
  --customer-secret <text>  customer secret of HTTP Basic authentication (default: emulator)
  --notify-url <url>        URL that notifications are sent to (default: none are sent)
  --notify-secret <text>    secret that notifications are signed with (default: emulator)
  --no-browser              run tasks without opening their pages
  --open-delay <seconds>    time from start until the page is opened (default: 5, with --no-browser 0)
  --hour-seconds <seconds>  length of an hour of maxRecordingHour and resourceExpiredHour (default: 3600)
  --help                    print this text

Each flag is also an environment variable: EMULATOR_PORT, EMULATOR_NOTIFY_URL, EMULATOR_BROWSER=false and so on.
The browser is the one at CHROMIUM_PATH, else an installed Chrome or Chromium, else one from an npm package (Linux, x64).`

const FLAGS = {
  port: { type: 'string' },
  host: { type: 'string' },
  'app-id': { type: 'string' },
  'customer-id': { type: 'string' },
  'customer-secret': { type: 'string' },
  'notify-url': { type: 'string' },
  'notify-secret': { type: 'string' },
  browser: { type: 'boolean' },
  'open-delay': { type: 'string' },
  'hour-seconds': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

type Flag = keyof typeof FLAGS

const FLAG_NAMES = Object.keys(FLAGS) as Flag[]

const numberBetween = ({ min, max, integer = false }: { min: number; max: number; integer?: boolean }) =>
  z
    .string()
    .transform((text) => (text.trim() === '' ? Number.NaN : Number(text)))
    .refine(
      (value) => value >= min && value <= max && (!integer || Number.isInteger(value)),
      `must be a ${integer ? 'whole number' : 'number'} from ${min} to ${max}`,
    )

const text = z.string().min(1, 'must not be empty')

const SECONDS_IN_DAY = 86_400

const settingsSchema = z.object({
  port: numberBetween({ min: 0, max: 65_535, integer: true }).default(8787),
  host: text.default('127.0.0.1'),
  'app-id': text.default('emulator'),
  'customer-id': text.default('emulator'),
  'customer-secret': text.default('emulator'),
  'notify-url': z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
  'notify-secret': text.default('emulator'),
  browser: z.enum(['true', 'false'], 'must be true or false').default('true'),
  'open-delay': numberBetween({ min: 0, max: SECONDS_IN_DAY }).optional(),
  'hour-seconds': numberBetween({ min: 0.001, max: SECONDS_IN_DAY }).default(3600),
})

type ParsedSettings = z.infer<typeof settingsSchema>

const variableOf = (flag: string): string => `EMULATOR_${flag.replaceAll('-', '_').toUpperCase()}`

type FlagValues = Partial<Record<Flag, string | boolean>>

/** @throws {TypeError} of `parseArgs`, if a flag is unknown or lacks its value */
const parseFlags = (args: string[]): FlagValues =>
  // pnpm passes on the `--` that may separate its own flags from these.
  parseArgs({ args: args.filter((arg) => arg !== '--'), options: FLAGS, allowNegative: true }).values

/** Shortens Node's message: its further sentences are advice on `--`, which does not apply here. */
const describeFlagError = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error)
  const flagWithoutValue = /^Option '(?:-\w, )?(--[\w-]+).*argument (?:missing|is ambiguous)/.exec(
    message,
  )?.[1]
  return flagWithoutValue ? `${flagWithoutValue} needs a value` : (message.split(/\n|\. /, 1)[0] ?? message)
}

const toOptions = (settings: ParsedSettings): EmulatorOptions => {
  const url = settings['notify-url']
  return {
    port: settings.port,
    host: settings.host,
    appId: settings['app-id'],
    customerId: settings['customer-id'],
    customerSecret: settings['customer-secret'],
    notifications: url === undefined ? undefined : { url, secret: settings['notify-secret'] },
    browser: settings.browser === 'true',
    openDelay: settings['open-delay'],
    hourSeconds: settings['hour-seconds'],
  }
}

/**
 * Reads the settings from the flags, else from the environment, else from the defaults. All values that are not valid
 * are reported together, each under the name of the flag or variable that it came from.
 */
export const readSettings = (args: string[], env: NodeJS.ProcessEnv): Settings => {
  let flags: FlagValues
  try {
    flags = parseFlags(args)
  } catch (error) {
    return { do: 'refuse', errors: [describeFlagError(error)] }
  }
  if (flags.help) return { do: 'help' }
  const values = FLAG_NAMES.map((flag) => {
    const value = flags[flag] ?? env[variableOf(flag)]
    return [flag, value === undefined ? undefined : String(value)] as const
  })
  const parsed = settingsSchema.safeParse(Object.fromEntries(values))
  if (parsed.success) return { do: 'start', options: toOptions(parsed.data) }
  const errors = parsed.error.issues.map(({ path, message }) => {
    const flag = path.join('.')
    const source = flag in flags ? `--${flag}` : variableOf(flag)
    return `${source} ${message}`
  })
  return { do: 'refuse', errors }
}
