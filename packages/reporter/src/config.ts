import type { z } from 'zod'
import { missingVariables, wrongCombinations } from './configCombinations.ts'
import { ConfigError, type WrongVariable } from './configError.ts'
import {
  type ClientConfig,
  type Config,
  clientConfigSchema,
  configSchema,
  VARIABLES,
} from './configSchema.ts'
import { type Environment, readVariables, type Variables } from './environment.ts'
import { fieldErrors } from './fieldErrors.ts'
import { describeUnknown, unknownVariables } from './unknownVariables.ts'

export { ConfigError } from './configError.ts'
export type { AgoraConfig, Config, LogLevel } from './configSchema.ts'
export type { Environment } from './environment.ts'

/**
 * Reads the configuration from environment variables and the files that they name.
 * @throws {ConfigError} naming every missing and every wrong variable
 * @example
 * const config = readConfig(process.env)
 * config.host // => '127.0.0.1'
 */
export const readConfig = (environment: Environment): Config => {
  const variables = readVariables(environment, VARIABLES)
  const missing = missingVariables(variables)
  const { data, error } = configSchema.safeParse(variables.values)
  const wrong = [
    ...variables.wrong,
    ...(error ? wrongVariables(error, variables) : []),
    ...wrongCombinations(variables),
  ]
  if (missing.length > 0 || wrong.length > 0 || !data) {
    throw new ConfigError(missing, wrong, unknownVariables(environment).map(describeUnknown))
  }
  return data
}

/**
 * Reads where the reporter listens, and its first API key, from the variables that the reporter itself reads.
 * @throws {ConfigError} naming every wrong variable among them
 */
export const readClientConfig = (environment: Environment): ClientConfig => {
  const variables = readVariables(environment, ['HOST', 'PORT', 'STILLROLLING_API_KEYS'])
  const { data, error } = clientConfigSchema.safeParse(variables.values)
  const wrong = [...variables.wrong, ...(error ? wrongVariables(error, variables) : [])]
  if (wrong.length > 0 || !data) throw new ConfigError([], wrong)
  return data
}

/** What the schema finds wrong with values. Those that are missing, or could not be read, are reported already. */
const wrongVariables = (error: z.ZodError, { values }: Variables): WrongVariable[] =>
  error.issues.flatMap(({ path: [variable, ...rest], ...issue }) => {
    const name = String(variable)
    if (values[name] === undefined) return []
    const fields = fieldErrors({ issues: [{ ...issue, path: rest } as z.core.$ZodIssue] })
    return fields.map(({ path, message }) => ({
      name,
      message: path ? `${subjectOf(path)} ${message}` : message,
    }))
  })

/** A path in JSON as it is; of a list's value its number. */
const subjectOf = (path: string): string => (/^\d+$/.test(path) ? `value ${Number(path) + 1}` : path)
