import { describe, expect, test, vi } from 'vitest'
import type { StorageProfile } from '../storageProfile.ts'
import { CredentialsError, createStorageCredentials } from './storageCredentials.ts'

const URL_WITH_SECRET = 'https://sts.test/SECRET-path?key=SECRET-query'
const PROFILES: Record<string, StorageProfile> = {
  fixed: { vendor: 1, region: 0, bucket: 'b', accessKey: 'key', secretKey: 'secret' },
  temporary: {
    vendor: 1,
    region: 5,
    bucket: 'lessons',
    credentials: { url: URL_WITH_SECRET, authorization: 'Bearer SECRET-authorization' },
  },
}
const NOW = 1_800_000_000_000
const HOUR = 3600

const credentialsFor = (hours: number) => ({
  accessKey: 'SECRET-access',
  secretKey: 'SECRET-secret',
  stsToken: 'SECRET-token',
  stsExpiration: NOW / 1000 + hours * HOUR,
})

const setup = (answer: (init?: RequestInit) => Response | Promise<Response>) => {
  let elapsed = 0
  const acceptance = { accepted: vi.fn<() => void>(), refused: vi.fn<(why: string) => void>() }
  const fetch = vi.fn(async (_url: unknown, init?: RequestInit) => answer(init))
  const clock = { now: () => NOW + elapsed, elapsed: () => elapsed }
  const storage = createStorageCredentials({ profiles: PROFILES, clock, acceptance, fetch })
  const pass = (seconds: number): void => {
    elapsed += seconds * 1000
  }
  return { storage, fetch, acceptance, pass }
}

const json = (body: unknown): Response => new Response(JSON.stringify(body))

describe('the storage of a profile', () => {
  test('with keys that do not expire is the profile, and an unknown one has none', async () => {
    const { storage, fetch } = setup(() => json({}))
    expect(await storage.storageOf('fixed')).toBe(PROFILES.fixed)
    expect(await storage.storageOf('other')).toBeUndefined()
    expect(await storage.storageOf('constructor')).toBeUndefined()
    await expect(storage.refresh('fixed')).rejects.toThrow('has no credentials.url')
    expect(fetch).not.toHaveBeenCalled()
  })

  test('with an address has the credentials that it answers, and nothing else of the answer', async () => {
    const { storage, fetch, acceptance } = setup(() => json({ ...credentialsFor(12), role: 'writer' }))
    const { vendor, region, bucket } = PROFILES.temporary ?? {}
    expect(await storage.storageOf('temporary')).toEqual({ vendor, region, bucket, ...credentialsFor(12) })
    expect(fetch.mock.calls).toMatchObject([
      [URL_WITH_SECRET, { headers: { authorization: 'Bearer SECRET-authorization' }, redirect: 'error' }],
    ])
    expect(acceptance.accepted).toHaveBeenCalledOnce()
  })

  test('shares one answer between many starts for 5 minutes', async () => {
    const { storage, fetch, pass } = setup(() => json(credentialsFor(12)))
    await Promise.all([1, 2, 3].map(() => storage.storageOf('temporary')))
    pass(299)
    await storage.refresh('temporary')
    expect(fetch).toHaveBeenCalledOnce()
    pass(1)
    await storage.refresh('temporary')
    expect(fetch).toHaveBeenCalledTimes(2)
  })

  test('does not share credentials that Agora would no longer take', async () => {
    const { storage, fetch, pass } = setup(() => json(credentialsFor(4 + 60 / HOUR)))
    await storage.refresh('temporary')
    pass(61)
    await expect(storage.refresh('temporary')).rejects.toThrow('4 hours ahead')
    expect(fetch).toHaveBeenCalledTimes(2)
  })
})

describe('an answer without usable credentials', () => {
  const { stsToken: _, ...withoutToken } = credentialsFor(12)
  test.each<[string, () => Response | Promise<Response>, string]>([
    ['HTTP 403', () => new Response('SECRET-body', { status: 403 }), 'the address answered HTTP 403'],
    ['no answer', () => Promise.reject(new TypeError(`failed: ${URL_WITH_SECRET}`)), 'could not be reached'],
    ['no JSON', () => new Response('SECRET-body'), 'the answer is not JSON'],
    ['a missing field', () => json(withoutToken), 'of the answer, stsToken is required'],
    ['a wrong type', () => json({ ...credentialsFor(12), secretKey: 7 }), 'secretKey must be a string'],
    ['an array', () => json([]), 'of the answer, body must be an object'],
    [
      'milliseconds',
      () => json({ ...credentialsFor(12), stsExpiration: NOW + 12 * HOUR * 1000 }),
      'stsExpiration must be in Unix seconds; this is a time in milliseconds',
    ],
    ['an expiration in the past', () => json(credentialsFor(-1)), 'they have expired already'],
    ['an expiration that is too near', () => json(credentialsFor(3.9)), 'stsExpiration is 4 hours ahead'],
    ['too much', () => new Response('SECRET-body'.repeat(10_000)), 'the answer is longer than 65536 bytes'],
  ])('(%s) is refused with a message that holds nothing of it', async (_what, answer, message) => {
    const { storage, acceptance } = setup(answer)
    const error = await storage.storageOf('temporary').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(CredentialsError)
    expect(String(error)).toContain(`profile "temporary": `)
    expect(String(error)).toContain(message)
    expect(acceptance.refused.mock.calls).toEqual([[expect.stringContaining(message)]])
    const seen = `${error}${(error as Error).stack}${JSON.stringify(error)}${(error as Error).cause}${acceptance.refused.mock.calls}`
    expect(seen).not.toContain('SECRET')
  })

  test('is asked for again by the next start', async () => {
    const answers = [new Response('', { status: 500 }), json(credentialsFor(12))]
    const { storage } = setup(() => answers.shift() ?? json({}))
    await expect(storage.storageOf('temporary')).rejects.toThrow('HTTP 500')
    expect(await storage.storageOf('temporary')).toMatchObject({ stsToken: 'SECRET-token' })
  })
})
