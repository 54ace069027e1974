import { readFileSync } from 'node:fs'
import { LIMITS, type StorageConfig, storageConfigSchema } from '@stillrolling/rest-core'
import { z } from 'zod'
import { contradictions, mergePolicy, type PolicyInput, policyInputSchema } from './supervisor/policy.ts'

/** The reporter's configuration, read from the environment once at start. */
export interface Config {
  /** Where recorded pages reach the reporter from outside, without a trailing slash. */
  publicUrl: string
  host: string
  port: number
  /** Keys that sign the pages' tokens: the first signs, all verify. */
  secrets: string[]
  apiKeys: string[]
  databaseFile: string
  agora: AgoraConfig
  /** Secrets that notifications may be signed with; empty: the route is off. */
  notificationSecrets: string[]
  storageProfiles: Record<string, StorageConfig>
  defaultPolicy: PolicyInput
  /** Days for which ended recordings and their timelines are kept. */
  retentionDays: number
  logLevel: LogLevel
}

export interface AgoraConfig {
  appId: string
  customerId: string
  customerSecret: string
  area?: 'CN' | 'AP' | 'EU' | 'NA'
  baseUrls?: string[]
  backoffScale: number
  /** Requests per second that Agora grants the App ID. */
  qps: number
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'
export type Environment = Readonly<Record<string, string | undefined>>

/** Every mistake of the environment at once, each with the variable's name. Never holds a value. */
export class ConfigError extends Error {
  readonly missing: string[]
  readonly wrong: { name: string; message: string }[]

  constructor(missing: string[], wrong: { name: string; message: string }[]) {
    super(
      [
        ...(missing.length > 0 ? ['Missing environment variables:', ...missing.map(describeMissing)] : []),
        ...(wrong.length > 0
          ? ['Wrong environment variables:', ...wrong.map(({ name, message }) => `  ${name}  ${message}`)]
          : []),
      ].join('\n'),
    )
    this.name = 'ConfigError'
    this.missing = missing
    this.wrong = wrong
  }
}

const PURPOSE: Record<string, string> = {
  STILLROLLING_SECRET: 'signs the tokens of recorded pages: 16 random characters or more',
  AGORA_APP_ID: "the project's App ID (Agora console)",
  AGORA_CUSTOMER_ID: 'REST credentials (Agora console, RESTful API)',
  AGORA_CUSTOMER_SECRET: 'REST credentials (Agora console, RESTful API)',
  STORAGE_PROFILES:
    'JSON: {"default": {"vendor": 1, "region": 0, "bucket": …, "accessKey": …, "secretKey": …}}',
}

const describeMissing = (name: string): string => `  ${name}  ${PURPOSE[name] ?? ''}`

/** Variables whose value may come from a file named by `<NAME>_FILE`, as container platforms mount secrets. */
const FROM_FILE = [
  'STILLROLLING_SECRET',
  'STILLROLLING_API_KEYS',
  'AGORA_CUSTOMER_SECRET',
  'AGORA_NOTIFICATION_SECRET',
  'STORAGE_PROFILES',
]

const REQUIRED = Object.keys(PURPOSE)
const LOOPBACK = '127.0.0.1'
/** `fileNamePrefix` ends in the recording's id (64) and the attempt ("a" and 4 digits), with slashes between. */
const PREFIX_RESERVE = 64 + 5 + 2

const list = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  )
  .refine((items) => items.length > 0, { error: 'names nothing' })

const text = z.string().min(1, { error: 'must not be empty' })

/** Digits only: what else JavaScript reads as a number (`0x50`, `1e4`) is a mistake here. */
const decimal = z
  .string()
  .regex(/^\d+(\.\d+)?$/, { error: 'must be a number', abort: true })
  .transform(Number)

/** JSON in a variable. The parser's own words are left out: they would quote a secret. */
const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue({ code: 'custom', message: 'is not valid JSON' })
    return z.NEVER
  }
})

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .transform((url) => url.replace(/\/+$/, ''))

const baseUrl = httpUrl.refine((url) => !URL.canParse(url) || isBare(new URL(url)), {
  error: 'must have neither credentials nor a query',
})

const isBare = ({ username, password, search, hash }: URL): boolean =>
  username + password + search + hash === ''

const longSecrets = list.refine((keys) => keys.every((key) => key.length >= 16), {
  error: 'every key must have 16 characters or more',
})

const profilesSchema = json.pipe(
  z
    .record(z.string().min(1).max(64), storageConfigSchema)
    .refine((profiles) => Object.keys(profiles).length > 0, { error: 'names no profile' })
    .refine(
      (profiles) =>
        Object.values(profiles).every(
          ({ fileNamePrefix = [] }) =>
            fileNamePrefix.join('/').length <= LIMITS.fileNamePrefixLength.max - PREFIX_RESERVE,
        ),
      { error: `fileNamePrefix must leave ${PREFIX_RESERVE} characters for the recording and the attempt` },
    ),
)

const defaultPolicySchema = json.pipe(policyInputSchema).superRefine((policy, context) => {
  for (const { path, message } of contradictions(mergePolicy(policy))) {
    context.addIssue({ code: 'custom', path, message })
  }
})

const environmentSchema = z.object({
  PUBLIC_URL: httpUrl.optional(),
  HOST: text.default(LOOPBACK),
  PORT: decimal.pipe(z.int().min(0).max(65535)).default(8080),
  STILLROLLING_SECRET: longSecrets,
  STILLROLLING_API_KEYS: longSecrets.optional(),
  DATABASE_FILE: text.default('stillrolling.db'),
  AGORA_APP_ID: text,
  // A colon would end the user name of Basic authentication (RFC 7617).
  AGORA_CUSTOMER_ID: text.regex(/^[^:]*$/, { error: 'must not contain ":"' }),
  AGORA_CUSTOMER_SECRET: text,
  AGORA_NOTIFICATION_SECRET: list.optional(),
  AGORA_AREA: z.enum(['CN', 'AP', 'EU', 'NA']).optional(),
  AGORA_BASE_URLS: list.pipe(z.array(baseUrl)).optional(),
  AGORA_QPS: decimal.pipe(z.int().min(1).max(10_000)).default(10),
  AGORA_BACKOFF_SCALE: decimal.pipe(z.number().positive().max(10)).default(1),
  STORAGE_PROFILES: profilesSchema,
  DEFAULT_POLICY: defaultPolicySchema.optional(),
  RETENTION_DAYS: decimal.pipe(z.number().min(1).max(3650)).default(90),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
})

/**
 * Reads the configuration.
 * @throws {ConfigError} naming every missing and every wrong variable at once.
 */
export const readConfig = (environment: Environment): Config => {
  const wrong: { name: string; message: string }[] = []
  const variables = resolveFiles(environment, wrong)
  const absent = REQUIRED.filter((name) => variables[name] === undefined)
  // A file that was named and cannot be read is wrong already: it is not told twice.
  const missing = absent.filter((name) => variables[`${name}_FILE`] === undefined)
  const parsed = environmentSchema.safeParse(variables)
  for (const { path, message } of parsed.error?.issues ?? []) {
    const [name, ...rest] = path.map(String)
    if (name === undefined || absent.includes(name)) continue
    wrong.push({ name, message: rest.length > 0 ? `${rest.join('.')}: ${message}` : message })
  }
  const env = parsed.data
  const open = variables.HOST !== undefined && !isLoopback(variables.HOST)
  if (open && variables.STILLROLLING_API_KEYS === undefined) {
    wrong.push({
      name: 'STILLROLLING_API_KEYS',
      message: `is needed when HOST is not loopback: without a key only this machine may reach the API`,
    })
  }
  if (missing.length > 0 || wrong.length > 0 || !env) throw new ConfigError(missing, wrong)
  return {
    publicUrl: env.PUBLIC_URL ?? `http://${LOOPBACK}:${env.PORT}`,
    host: env.HOST,
    port: env.PORT,
    secrets: env.STILLROLLING_SECRET,
    apiKeys: env.STILLROLLING_API_KEYS ?? [],
    databaseFile: env.DATABASE_FILE,
    agora: {
      appId: env.AGORA_APP_ID,
      customerId: env.AGORA_CUSTOMER_ID,
      customerSecret: env.AGORA_CUSTOMER_SECRET,
      area: env.AGORA_AREA,
      baseUrls: env.AGORA_BASE_URLS,
      backoffScale: env.AGORA_BACKOFF_SCALE,
      qps: env.AGORA_QPS,
    },
    notificationSecrets: env.AGORA_NOTIFICATION_SECRET ?? [],
    storageProfiles: env.STORAGE_PROFILES,
    defaultPolicy: env.DEFAULT_POLICY ?? {},
    retentionDays: env.RETENTION_DAYS,
    logLevel: env.LOG_LEVEL,
  }
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host)

/** The variables with empty ones left out, as if they were not set, and each `<NAME>_FILE` of a secret read. */
const resolveFiles = (
  environment: Environment,
  wrong: { name: string; message: string }[],
): Record<string, string | undefined> => {
  const variables: Record<string, string | undefined> = {}
  for (const [name, value] of Object.entries(environment)) {
    if (value?.trim() !== '') variables[name] = value
  }
  for (const name of FROM_FILE) {
    const file = variables[`${name}_FILE`]
    if (file === undefined) continue
    if (variables[name] !== undefined) {
      wrong.push({ name: `${name}_FILE`, message: `is set beside ${name}: give one of them` })
      continue
    }
    try {
      variables[name] = readFileSync(file, 'utf8').trim()
    } catch (error) {
      wrong.push({
        name: `${name}_FILE`,
        message: `cannot be read (${(error as NodeJS.ErrnoException).code})`,
      })
    }
  }
  return variables
}
