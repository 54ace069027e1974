import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { type Environment, readConfig } from './config.ts'
import { REQUIRED } from './configError.ts'
import { VARIABLES } from './configSchema.ts'
import { FROM_FILE } from './environment.ts'
import {
  APP_ID,
  CERTIFICATE,
  configErrorOf,
  fileWith,
  GOOD,
  PROFILE,
  SIGNING,
} from './testing/goodEnvironment.ts'

describe('readConfig', () => {
  test('treats an empty variable as not set, because compose files set such variables', () => {
    const empty = { PORT: '', HOST: '', AGORA_AREA: ' ', AGORA_NOTIFICATION_SECRET: '', DEFAULT_POLICY: '' }
    expect(readConfig({ ...GOOD, ...empty })).toEqual(readConfig(GOOD))
    expect(configErrorOf({ ...GOOD, AGORA_APP_ID: '' }).missing).toEqual(['AGORA_APP_ID'])
  })

  test('trims every variable, also one from a file, because secrets are often copied with a line break', () => {
    const all: Environment = {
      ...GOOD,
      STILLROLLING_API_KEYS: 'a-key-of-the-api-1',
      LOG_LEVEL: 'debug',
      PORT: '1',
    }
    const padded = Object.fromEntries(
      Object.entries(all).map(([name, value]) => [name, `\ufeff \t${value}\r\n\u00a0`]),
    )
    expect(readConfig(padded)).toEqual(readConfig(all))
    const files = Object.fromEntries(
      Object.entries(padded).map(([name, value]) =>
        FROM_FILE.includes(name) ? [`${name}_FILE`, fileWith(value)] : [name, value],
      ),
    )
    expect(readConfig(files)).toEqual(readConfig(all))
  })

  test.each(['\n', '\r\n', ',\n', '\n\n , '])('reads lists whose values are separated by %j', (separator) => {
    const keys = ['a-key-of-the-api-1', 'a-key-of-the-api-2']
    for (const [name, field] of [
      ['STILLROLLING_SECRET', 'secrets'],
      ['STILLROLLING_API_KEYS', 'apiKeys'],
      ['AGORA_NOTIFICATION_SECRET', 'notificationSecrets'],
    ] as const) {
      const { [name]: _, ...rest } = GOOD
      const file = fileWith(`${keys.join(separator)}\n`)
      expect(readConfig({ ...rest, [`${name}_FILE`]: file })[field]).toEqual(keys)
    }
  })

  test('reads secrets from files', () => {
    const { STILLROLLING_SECRET, STORAGE_PROFILES, STILLROLLING_API_KEYS, ...rest } = GOOD
    const config = readConfig({
      ...rest,
      STILLROLLING_SECRET_FILE: fileWith('SECRET-in-a-mounted-file\n'),
      STORAGE_PROFILES_FILE: fileWith(`${STORAGE_PROFILES}\n`),
      STILLROLLING_API_KEYS_FILE: fileWith('a-key-of-the-api-1\n'),
      AGORA_NOTIFICATION_SECRET_FILE: fileWith('notify'),
      AGORA_APP_ID: APP_ID,
      AGORA_APP_CERTIFICATE_FILE: fileWith(`${CERTIFICATE}\n`),
      TOKEN_URL_SECRET_FILE: fileWith(`${SIGNING}\n`),
    })
    expect(config.secrets).toEqual(['SECRET-in-a-mounted-file'])
    expect(config.storageProfiles).toEqual({ default: PROFILE })
    expect(config.apiKeys).toEqual(['a-key-of-the-api-1'])
    expect(config.notificationSecrets).toEqual(['notify'])
    expect(config.appCertificate).toBe(CERTIFICATE)
    expect(config.tokenUrlSecrets).toEqual([SIGNING])
  })

  test.each(VARIABLES)('names %s in quotes that no shell removed', (name) => {
    for (const value of ['"a value of sixteen letters"', "'a value of sixteen letters'"]) {
      expect(configErrorOf({ ...GOOD, [name]: value }).wrong).toEqual([
        { name, message: 'must not be in quotes, which would be part of the value' },
      ])
    }
  })
})

describe('a <NAME>_FILE', () => {
  test('must not be set beside the variable itself', () => {
    const error = configErrorOf({ ...GOOD, STILLROLLING_SECRET_FILE: fileWith('SECRET-in-a-mounted-file') })
    expect(error.wrong).toEqual([
      { name: 'STILLROLLING_SECRET_FILE', message: expect.stringContaining('beside STILLROLLING_SECRET') },
    ])
  })

  test('must be readable, and is reported once', () => {
    const { AGORA_CUSTOMER_SECRET, ...rest } = GOOD
    const error = configErrorOf({ ...rest, AGORA_CUSTOMER_SECRET_FILE: '/nowhere/secret' })
    expect(error.missing).toEqual([])
    expect(error.wrong).toEqual([
      {
        name: 'AGORA_CUSTOMER_SECRET_FILE',
        message: 'must name a file: there is none at this path (ENOENT)',
      },
    ])
    const folder = configErrorOf({ ...rest, AGORA_CUSTOMER_SECRET_FILE: tmpdir() })
    expect(folder.wrong[0]?.message).toBe('must name a file, not a folder (EISDIR)')
  })

  test.each(FROM_FILE)('must not name an empty file: %s_FILE', (name) => {
    const { [name]: _, ...rest } = GOOD
    const { missing, wrong } = configErrorOf({ ...rest, [`${name}_FILE`]: fileWith(' \n') })
    expect(missing).toEqual([])
    expect(wrong).toEqual([{ name: `${name}_FILE`, message: 'must name a file that is not empty' }])
  })

  test.each(VARIABLES.filter((name) => !FROM_FILE.includes(name)))('is not read for %s', (name) => {
    expect(readConfig({ ...GOOD, [`${name}_FILE`]: '/nowhere/file' })).toEqual(readConfig(GOOD))
  })

  test.each(REQUIRED)('that is empty counts as not set: %s_FILE', (name) => {
    const { [name]: _, ...rest } = GOOD
    expect(configErrorOf({ ...rest, [`${name}_FILE`]: ' ' }).missing).toEqual([name])
  })
})
