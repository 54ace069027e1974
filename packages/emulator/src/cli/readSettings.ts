import { parseArgs } from 'node:util'
import { z } from 'zod'
import { isTokenId } from '../rest/tokens.ts'
import type { EmulatorOptions, RecordOptions } from '../types.ts'
import { FLAG_NAMES, FLAGS, type FlagName, spellingOf, variableOf } from './flags.ts'
import { nearest } from './nearest.ts'

/** The settings from the flags and the environment. */
export type Settings =
  | { do: 'help' }
  | { do: 'start'; options: EmulatorOptions }
  | { do: 'refuse'; errors: string[] }

const SECONDS_IN_DAY = 86_400

const describeRange = (min: number, max: number, integer: boolean): string =>
  `must be a ${integer ? 'whole number' : 'number'} from ${min} to ${max}`

const numberBetween = ({ min, max, integer = false }: { min: number; max: number; integer?: boolean }) =>
  z
    .string()
    .transform((text) => (text.trim() === '' ? Number.NaN : Number(text)))
    .refine(
      (value) => value >= min && value <= max && (!integer || Number.isInteger(value)),
      describeRange(min, max, integer),
    )

const port = numberBetween({ min: 0, max: 65_535, integer: true })
const text = z.string().min(1, 'must not be empty')
const flag = z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true')
const delay = numberBetween({ min: 0, max: SECONDS_IN_DAY })

const MAX_QPS = 100_000
const NO_LIMIT = 'none'
const qps = z
  .string()
  .transform((value) => (value === NO_LIMIT ? null : value.trim() === '' ? Number.NaN : Number(value)))
  .refine(
    (value) => value === null || (Number.isInteger(value) && value >= 1 && value <= MAX_QPS),
    `${describeRange(1, MAX_QPS, true)}, or ${NO_LIMIT}`,
  )

const settingsSchema = z.object({
  port: port.default(8787),
  host: text.default('127.0.0.1'),
  'app-id': text.default('emulator'),
  'customer-id': text.default('emulator'),
  'customer-secret': text.default('emulator'),
  'notify-url': z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
  'notify-secret': text.default('emulator'),
  'app-certificate': z.string().refine(isTokenId, 'must have 32 hexadecimal digits').optional(),
  users: numberBetween({ min: 0, max: 1000, integer: true }).optional(),
  browser: flag.default(true),
  'open-delay': delay.optional(),
  'exit-delay': delay.optional(),
  'file-delay': delay.optional(),
  concurrency: numberBetween({ min: 1, max: 100_000, integer: true }).optional(),
  qps: qps.optional(),
  'hour-seconds': numberBetween({ min: 0.001, max: SECONDS_IN_DAY }).default(3600),
  record: text.optional(),
  'record-fps': numberBetween({ min: 1, max: 30, integer: true }).optional(),
  'record-size': numberBetween({ min: 16, max: 1920, integer: true }).optional(),
  ffmpeg: text.optional(),
  tls: flag.default(false),
  'tls-port': port.default(8443),
  'tls-folder': text.optional(),
} satisfies Record<FlagName, z.ZodType>)

type ParsedSettings = z.infer<typeof settingsSchema>

/** A token holds the App ID, and cannot hold one of another form. */
const fitsCertificate = (settings: ParsedSettings): boolean =>
  settings['app-certificate'] === undefined || isTokenId(settings['app-id'])

const CERTIFICATE_MISFIT = {
  path: ['app-id'],
  message: 'must have 32 hexadecimal digits if there is an App Certificate',
}

/** The flags as they were given, and what is wrong with those that could not be read. */
interface GivenFlags {
  help: boolean
  values: Map<FlagName, string>
  errors: string[]
}

const HELP_SPELLINGS = ['--help', '-h']
const SPELLINGS = [...FLAG_NAMES.map(spellingOf), ...HELP_SPELLINGS]

const isFlagName = (name: string): name is FlagName => Object.hasOwn(FLAGS, name)

const describeUnknown = (flag: string): string => {
  const alike = nearest(flag, SPELLINGS)
  return `${flag} is not a flag${alike === undefined ? '' : ` (did you mean ${alike}?)`}`
}

const PARSE_OPTIONS = {
  ...Object.fromEntries(
    FLAG_NAMES.map((name) => [
      name,
      { type: FLAGS[name].value ? ('string' as const) : ('boolean' as const) },
    ]),
  ),
  help: { type: 'boolean' as const, short: 'h' },
}

interface FlagToken {
  /** With its dashes. */
  rawName: string
  value?: string
  /** Whether the value was given as `--flag=value`. */
  inlineValue?: boolean
}

const addFlag = (given: GivenFlags, { rawName, value, inlineValue }: FlagToken): void => {
  if (HELP_SPELLINGS.includes(rawName)) {
    given.help = true
    return
  }
  const [, no, name = ''] = /^--(no-)?(.+)$/.exec(rawName) ?? []
  if (!isFlagName(name) || (no && FLAGS[name].value)) given.errors.push(describeUnknown(rawName))
  else if (no && value !== undefined) given.errors.push(`${rawName} takes no value`)
  else if (no) given.values.set(name, 'false')
  else if (!FLAGS[name].value) given.values.set(name, value ?? 'true')
  else if (value === undefined || (!inlineValue && value.startsWith('--'))) {
    given.errors.push(`${rawName} needs a value`)
  } else given.values.set(name, value)
}

/** Reads the flags without Node's own checks, which report one error only and do not name what was meant. */
const parseFlags = (args: readonly string[]): GivenFlags => {
  const given: GivenFlags = { help: false, values: new Map(), errors: [] }
  const { tokens } = parseArgs({
    // pnpm passes on the `--` that may separate its own flags from these.
    args: args.filter((arg) => arg !== '--'),
    options: PARSE_OPTIONS,
    strict: false,
    tokens: true,
  })
  for (const token of tokens) {
    if (token.kind === 'positional') given.errors.push(`"${token.value}" is not a flag: flags begin with --`)
    else if (token.kind === 'option') addFlag(given, token)
  }
  return given
}

const toRecordOptions = (settings: ParsedSettings): RecordOptions | undefined =>
  settings.record === undefined
    ? undefined
    : {
        directory: settings.record,
        ffmpeg: settings.ffmpeg,
        fps: settings['record-fps'],
        longestSide: settings['record-size'],
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
    appCertificate: settings['app-certificate'],
    users: settings.users,
    browser: settings.browser,
    openDelay: settings['open-delay'],
    exitDelay: settings['exit-delay'],
    fileDelay: settings['file-delay'],
    concurrency: settings.concurrency,
    qps: settings.qps,
    hourSeconds: settings['hour-seconds'],
    record: toRecordOptions(settings),
    tls: settings.tls ? { port: settings['tls-port'], folder: settings['tls-folder'] } : undefined,
  }
}

/**
 * Reads the settings from the flags, else from the environment, else from the defaults. All values that are not valid
 * are reported together, each under the name of the flag or variable that it came from.
 */
export const readSettings = (args: readonly string[], env: NodeJS.ProcessEnv): Settings => {
  const { help, values, errors } = parseFlags(args)
  if (help) return { do: 'help' }
  const given = FLAG_NAMES.map((name) => [name, values.get(name) ?? env[variableOf(name)]])
  const parsed = settingsSchema
    .refine(fitsCertificate, CERTIFICATE_MISFIT)
    .safeParse(Object.fromEntries(given))
  if (parsed.success && errors.length === 0) return { do: 'start', options: toOptions(parsed.data) }
  const invalid = (parsed.error?.issues ?? []).map(({ path: [name], message }) => {
    const flag = name as FlagName
    return `${values.has(flag) ? `--${flag}` : variableOf(flag)} ${message}`
  })
  return { do: 'refuse', errors: [...errors, ...invalid] }
}
