import { parseArgs } from 'node:util'
import { z } from 'zod'
import type { EmulatorOptions } from '../types.ts'

/** What the command line asks for. */
export type Settings =
  | { do: 'help' }
  | { do: 'start'; options: EmulatorOptions }
  | { do: 'refuse'; mistakes: string[] }

export const HELP = `Agora Cloud Recording on your machine: REST, notifications, a real Chromium, faults on command.

  npx -y pnpm@12 emulator [flags]

  --port <n>                port to listen on, 0 for a free one (8787)
  --host <address>          address to listen on (127.0.0.1)
  --app-id <id>             App ID (emulator)
  --customer-id <id>        for HTTP Basic auth (emulator)
  --customer-secret <text>  for HTTP Basic auth (emulator)
  --notify-url <url>        where notifications go; without it none are sent
  --notify-secret <text>    the secret that signs them (emulator)
  --no-browser              tasks live without pages
  --open-delay <seconds>    from start until the page is opened (5; without a browser 0)
  --hour-seconds <seconds>  length of an hour of maxRecordingHour and resourceExpiredHour (3600)
  --help                    this text

Each flag can be given as an environment variable as well: EMULATOR_PORT, EMULATOR_NOTIFY_URL, EMULATOR_BROWSER=false …
CHROMIUM_PATH names the browser to use; else an installed Chrome or Chromium is, else the one that comes along.
`

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

const number = (what: string, least: number, most: number, fits = Number.isFinite) =>
  z
    .string()
    .transform(Number)
    .refine(
      (value) => fits(value) && value >= least && value <= most,
      `must be ${what} from ${least} to ${most}`,
    )

const text = z.string().min(1, 'must not be empty')

const DAY = 86_400

const settingsSchema = z.object({
  port: number('a whole number', 0, 65_535, Number.isInteger).default(8787),
  host: text.default('127.0.0.1'),
  'app-id': text.default('emulator'),
  'customer-id': text.default('emulator'),
  'customer-secret': text.default('emulator'),
  'notify-url': z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
  'notify-secret': text.default('emulator'),
  browser: z.enum(['true', 'false'], 'must be true or false').default('true'),
  'open-delay': number('a number', 0, DAY).optional(),
  'hour-seconds': number('a number', 0.001, DAY).default(3600),
})

export const variableOf = (flag: string): string => `EMULATOR_${flag.replaceAll('-', '_').toUpperCase()}`

const FLAG_NAMES = Object.keys(FLAGS) as Flag[]

/** Flags win over the environment, the environment over the defaults. All mistakes are told at once. */
export const readSettings = (args: string[], env: NodeJS.ProcessEnv): Settings => {
  let flags: Partial<Record<Flag, string | boolean>>
  try {
    // pnpm hands on the `--` that may separate its own flags.
    flags = parseArgs({
      args: args.filter((arg) => arg !== '--'),
      options: FLAGS,
      allowNegative: true,
    }).values
  } catch (error) {
    return { do: 'refuse', mistakes: [error instanceof Error ? error.message : String(error)] }
  }
  if (flags.help) return { do: 'help' }
  const given = FLAG_NAMES.map((flag) => {
    const value = flags[flag] ?? env[variableOf(flag)]
    return [flag, value === undefined ? undefined : String(value)] as const
  })
  const parsed = settingsSchema.safeParse(Object.fromEntries(given))
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map(({ path, message }) => `--${path.join('.')} ${message}`)
    return { do: 'refuse', mistakes }
  }
  const settings = parsed.data
  const url = settings['notify-url']
  return {
    do: 'start',
    options: {
      port: settings.port,
      host: settings.host,
      appId: settings['app-id'],
      customerId: settings['customer-id'],
      customerSecret: settings['customer-secret'],
      notifications: url === undefined ? undefined : { url, secret: settings['notify-secret'] },
      browser: settings.browser === 'true',
      openDelay: settings['open-delay'],
      hourSeconds: settings['hour-seconds'],
    },
  }
}
