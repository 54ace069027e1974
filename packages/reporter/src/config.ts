import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { ConfigError, REQUIRED, type WrongVariable } from './configError.ts'
import { type ClientConfig, type Config, clientConfigSchema, configSchema } from './configSchema.ts'
import { fieldErrors } from './fieldErrors.ts'

export { ConfigError } from './configError.ts'
export type { AgoraConfig, Config, LogLevel } from './configSchema.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Variables whose value may come from a file named by `<NAME>_FILE`, as container platforms mount secrets. */
const FROM_FILE = [
  'STILLROLLING_SECRET',
  'STILLROLLING_API_KEYS',
  'AGORA_CUSTOMER_SECRET',
  'AGORA_NOTIFICATION_SECRET',
  'STORAGE_PROFILES',
]

/**
 * Reads the configuration from environment variables and the files that they name.
 * @throws {ConfigError} naming every missing and every wrong variable
 * @example
 * const config = readConfig(process.env)
 * config.host // => '127.0.0.1'
 */
export const readConfig = (environment: Environment): Config => {
  const { variables, unreadable } = resolveFiles(environment)
  const absent = REQUIRED.filter((name) => variables[name] === undefined)
  // A file that is named but cannot be read is wrong already, so its variable is not missing as well.
  const missing = absent.filter((name) => variables[`${name}_FILE`] === undefined)
  const { data, error } = configSchema.safeParse(variables)
  const wrong = [...unreadable, ...(error ? wrongVariables(error, absent) : []), ...missingKeys(variables)]
  if (missing.length > 0 || wrong.length > 0 || !data) throw new ConfigError(missing, wrong)
  return data
}

/**
 * Reads where the reporter listens, and its first API key, from the variables that the reporter itself reads.
 * @throws {ConfigError} naming every wrong variable among them
 */
export const readClientConfig = (environment: Environment): ClientConfig => {
  const { HOST, PORT, STILLROLLING_API_KEYS, STILLROLLING_API_KEYS_FILE } = environment
  const { variables, unreadable } = resolveFiles({
    HOST,
    PORT,
    STILLROLLING_API_KEYS,
    STILLROLLING_API_KEYS_FILE,
  })
  const { data, error } = clientConfigSchema.safeParse(variables)
  const wrong = [...unreadable, ...(error ? wrongVariables(error, []) : [])]
  if (wrong.length > 0 || !data) throw new ConfigError([], wrong)
  return data
}

type Variables = Record<string, string | undefined>

/** Drops empty variables, and reads the file of each `<NAME>_FILE`. */
const resolveFiles = (environment: Environment): { variables: Variables; unreadable: WrongVariable[] } => {
  const variables: Variables = {}
  const unreadable: WrongVariable[] = []
  for (const [name, value] of Object.entries(environment)) {
    if (value?.trim() !== '') variables[name] = value
  }
  for (const name of FROM_FILE) {
    const file = variables[`${name}_FILE`]
    if (file === undefined) continue
    if (variables[name] !== undefined) {
      unreadable.push({ name: `${name}_FILE`, message: `must not be set beside ${name}: unset one of them` })
      continue
    }
    try {
      variables[name] = readFileSync(file, 'utf8').trim()
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      unreadable.push({ name: `${name}_FILE`, message: `must name a file that can be read (${code})` })
    }
  }
  return { variables, unreadable }
}

const wrongVariables = (error: z.ZodError, absent: string[]): WrongVariable[] =>
  error.issues.flatMap(({ path: [variable, ...rest], ...issue }) => {
    const name = String(variable)
    if (absent.includes(name)) return []
    const fields = fieldErrors({ issues: [{ ...issue, path: rest } as z.core.$ZodIssue] })
    return fields.map(({ path, message }) => ({ name, message: path ? `${path} ${message}` : message }))
  })

/** Without an API key, only a server that listens on loopback may start. */
const missingKeys = ({ HOST, STILLROLLING_API_KEYS }: Variables): WrongVariable[] =>
  HOST === undefined || isLoopback(HOST) || STILLROLLING_API_KEYS !== undefined
    ? []
    : [
        {
          name: 'STILLROLLING_API_KEYS',
          message: `must be set when HOST is not loopback: without a key, only this machine may call the API`,
        },
      ]

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host)
