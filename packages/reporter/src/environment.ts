import { readFileSync } from 'node:fs'
import type { WrongVariable } from './configError.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Variables whose value may come from a file named by `<NAME>_FILE`, as container platforms mount secrets. */
export const FROM_FILE: readonly string[] = [
  'STILLROLLING_SECRET',
  'STILLROLLING_API_KEYS',
  'AGORA_APP_ID',
  'AGORA_CUSTOMER_ID',
  'AGORA_CUSTOMER_SECRET',
  'AGORA_NOTIFICATION_SECRET',
  'AGORA_APP_CERTIFICATE',
  'TOKEN_URL_SECRET',
  'STORAGE_PROFILES',
  'DATABASE_URL',
  'DATABASE_PASSWORD',
  'DEFAULT_POLICY',
  'DELIVERIES',
]

/** Other programs read these in lower case as well. */
export const ANY_CASE: readonly string[] = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY']

/** The values of some variables. */
export interface Variables {
  /** Trimmed, and only those that are not empty. */
  values: Record<string, string>
  /** Those that are set and have no usable value, such as a file that cannot be read. */
  wrong: WrongVariable[]
  /** Those that are not set, neither themselves nor as `<NAME>_FILE`. */
  unset: string[]
}

/** Reads variables, or the files of their `<NAME>_FILE`. An empty variable counts as not set. */
export const readVariables = (environment: Environment, names: readonly string[]): Variables => {
  const variables: Variables = { values: {}, wrong: [], unset: [] }
  for (const name of names) {
    const { value, wrong } = readVariable(environment, name)
    if (value !== undefined) variables.values[name] = value
    else if (wrong === undefined) variables.unset.push(name)
    if (wrong !== undefined) variables.wrong.push(wrong)
  }
  return variables
}

interface Reading {
  value?: string
  wrong?: WrongVariable
}

const readVariable = (environment: Environment, name: string): Reading => {
  const lowerCase = ANY_CASE.includes(name) ? environment[name.toLowerCase()] : undefined
  const value = (environment[name] ?? lowerCase)?.trim() ?? ''
  const file = FROM_FILE.includes(name) ? (environment[`${name}_FILE`]?.trim() ?? '') : ''
  if (file === '') return value === '' ? {} : withoutQuotes(name, value)
  const fileName = `${name}_FILE`
  if (value === '') return readValue(fileName, file)
  return { value, wrong: { name: fileName, message: `must not be set beside ${name}: unset one of them` } }
}

const readValue = (name: string, file: string): Reading => {
  try {
    const value = readFileSync(file, 'utf8').trim()
    if (value !== '') return withoutQuotes(name, value)
    return { wrong: { name, message: 'must name a file that is not empty' } }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    return {
      wrong: { name, message: `${UNREADABLE[code] ?? 'must name a file that can be read'} (${code})` },
    }
  }
}

/** Not every reader of environment files removes quotes: `docker run --env-file` does not. */
const withoutQuotes = (name: string, value: string): Reading =>
  /^(["']).*\1$/s.test(value)
    ? { wrong: { name, message: 'must not be in quotes, which would be part of the value' } }
    : { value }

const UNREADABLE: Record<string, string> = {
  ENOENT: 'must name a file: there is none at this path',
  EACCES: 'must name a file that this user may read',
  EISDIR: 'must name a file, not a folder',
}
