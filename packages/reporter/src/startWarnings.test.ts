import { expect, test } from 'vitest'
import { startWarnings } from './startWarnings.ts'
import type { StorageProfile } from './storageProfile.ts'
import { config } from './testing/harness.ts'

const GOOD = { ...config, publicUrl: 'https://reporter.example.com' }

test('a complete configuration has none', () => {
  expect(startWarnings(GOOD, {})).toEqual([])
})

test.each([
  [{ publicUrl: 'http://reporter.example.com' }, 'PUBLIC_URL'],
  [{ publicUrl: 'http://192.168.1.5:8080' }, 'PUBLIC_URL'],
  [{ apiKeys: [] }, 'STILLROLLING_API_KEYS'],
  [{ storageProfiles: { europe: GOOD.storageProfiles.default as StorageProfile } }, 'europe'],
  [{ notificationSecrets: [] }, 'AGORA_NOTIFICATION_SECRET'],
])('%j has one, which names %s', (changes, name) => {
  expect(startWarnings({ ...GOOD, ...changes }, {})).toEqual([expect.stringContaining(name)])
})

test.each(['http://127.0.0.1:8080', 'http://localhost'])('%s needs no https', (publicUrl) => {
  expect(startWarnings({ ...GOOD, publicUrl }, {})).toEqual([])
})

test('variables that look like those of the reporter and are not read are named', () => {
  expect(startWarnings(GOOD, { STILLROLLING_API_KEY: 'SECRET' })).toEqual([
    'STILLROLLING_API_KEY is set and not read: is STILLROLLING_API_KEYS meant?',
  ])
})
