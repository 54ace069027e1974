import { describe, expect, test } from 'vitest'
import { type Environment, readConfig } from './config.ts'
import { configErrorOf, GOOD, PROFILE } from './testing/goodEnvironment.ts'

const TEMPORARY = { vendor: 1, region: 0, bucket: 'b', credentials: { url: 'https://sts.test/?key=SECRET' } }

const withProfile = (profile: object): Environment => ({
  ...GOOD,
  STORAGE_PROFILES: JSON.stringify({ default: profile }),
})

describe('a storage profile', () => {
  test.each([
    TEMPORARY.credentials,
    { url: 'http://127.0.0.1:9000/sts', authorization: 'Bearer SECRET' },
    { url: 'http://localhost/' },
    { url: 'http://[::1]:9000/' },
  ])('may have temporary credentials from %j', (credentials) => {
    const profile = { ...TEMPORARY, credentials, fileNamePrefix: ['p'.repeat(43)] }
    const { storageProfiles } = readConfig(withProfile(profile))
    expect(storageProfiles).toEqual({ default: profile })
  })

  test.each(['bucket', 'accessKey', 'secretKey'])('has no white space in %s', (field) => {
    const profile = { ...PROFILE, [field]: 'SECRET\n' }
    expect(configErrorOf(withProfile(profile)).wrong).toEqual([
      {
        name: 'STORAGE_PROFILES',
        message: `default.${field} must consist of ASCII letters, digits and punctuation, without white space`,
      },
    ])
  })

  test.each<[object, string]>([
    [{ ...PROFILE, bucket: undefined }, 'default.bucket is required'],
    [{ ...PROFILE, colour: 'red' }, 'default.colour is not a known field'],
    [
      { ...PROFILE, stsToken: 'SECRET-token', stsExpiration: 4_000_000_000 },
      'default.stsToken must not be set: it would expire while recordings run. Set credentials.url, from which the reporter fetches temporary credentials, or use keys that do not expire',
    ],
    [
      { ...TEMPORARY, credentials: { url: 'http://sts.test/' } },
      'default.credentials.url must be an https URL, or an http URL of this machine, without a user name or password',
    ],
    [
      { ...TEMPORARY, credentials: { url: 'https://a:SECRET@sts.test/' } },
      'default.credentials.url must be an https URL, or an http URL of this machine, without a user name or password',
    ],
    [{ ...TEMPORARY, accessKey: 'SECRET-access' }, 'default.accessKey must not be set beside credentials'],
    [{ ...TEMPORARY, vendor: 5 }, 'default.stsToken is supported by vendors 1, 2, 3 only'],
    [
      { ...PROFILE, fileNamePrefix: ['p'.repeat(44)] },
      'default must have a fileNamePrefix of at most 43 characters, because recording and attempt are added to it',
    ],
  ])('says what is wrong: %j', (profile, message) => {
    const error = configErrorOf(withProfile(profile))
    expect(error.message).toBe(`These environment variables are wrong:\n  STORAGE_PROFILES  ${message}`)
  })
})
