import { expect, test } from 'vitest'
import { VARIABLES } from './configSchema.ts'
import { FROM_FILE } from './environment.ts'
import { describeUnknown, unknownVariables } from './unknownVariables.ts'

test.each([
  ['STILLROLLING_API_KEY', 'STILLROLLING_API_KEYS'],
  ['AGORA_NOTIFICATIONS_SECRET', 'AGORA_NOTIFICATION_SECRET'],
  ['AGORA_APPID', 'AGORA_APP_ID'],
  ['agora_app_id', 'AGORA_APP_ID'],
  ['STILLROLLING_PUBLIC_URL', 'PUBLIC_URL'],
  ['STILLROLLING_PORT', 'PORT'],
  ['PUBLIC_URI', 'PUBLIC_URL'],
  ['STORAGE_PROFILE', 'STORAGE_PROFILES'],
  ['STORAGE_PROFILES_FIEL', 'STORAGE_PROFILES_FILE'],
  ['DEFAULT-POLICY', 'DEFAULT_POLICY'],
  ['PUBLIC_URL_FILE', 'PUBLIC_URL'],
])('%s: %s is meant', (name, meant) => {
  expect(unknownVariables({ [name]: 'SECRET' })).toEqual([{ name, meant }])
})

test.each(['AGORA_COLOUR', 'STILLROLLING_COLOUR'])('%s resembles none', (name) => {
  expect(unknownVariables({ [name]: 'SECRET' })).toEqual([{ name, meant: undefined }])
})

test('variables that are read, empty, or of other programs are not named', () => {
  const read = [...VARIABLES, ...FROM_FILE.map((name) => `${name}_FILE`)]
  const others = [
    'PATH',
    'HOME',
    'HOSTNAME',
    'HOSTS',
    'POST',
    'DATABASE_URL',
    'LOG_FILE',
    'BASE_URL',
    'EMULATOR_PORT',
  ]
  const set = Object.fromEntries([...read, ...others].map((name) => [name, 'x']))
  expect(unknownVariables({ ...set, AGORA_APPID: ' ' })).toEqual([])
})

test('is described without the value', () => {
  const [one, other] = unknownVariables({ STILLROLLING_API_KEY: 'SECRET', AGORA_COLOUR: 'SECRET' })
  expect([one, other].map((each) => each && describeUnknown(each))).toEqual([
    'STILLROLLING_API_KEY is set and not read: is STILLROLLING_API_KEYS meant?',
    'AGORA_COLOUR is set, and the reporter does not read it',
  ])
})
