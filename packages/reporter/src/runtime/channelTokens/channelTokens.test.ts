import { createRequire } from 'node:module'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test, vi } from 'vitest'
import { TokenError } from './channelAccess.ts'
import { type ChannelTokensOptions, createChannelTokens } from './channelTokens.ts'

const NOW = Date.now()
const CERTIFICATE = '5cfd2fd1755d40ecb72977518be15d3b'
const APP_ID = '970ca35de60c44645bbae8a215061b33'
const SECRET = `whsec_${Buffer.alloc(24, 1).toString('base64')}`
const NEXT_SECRET = `whsec_${Buffer.alloc(24, 2).toString('base64')}`
const SALT = Buffer.alloc(32, 7).toString('base64')
const JOINING = { recordingId: 'lesson7', attempt: 3, channel: 'lesson 7', uid: '4100900003' }
const URL = 'https://app.test/token'

interface ParsedToken {
  appId: string
  expire: number
  services: Record<string, { __channel_name: string; __uid: string; __privileges: Record<string, number> }>
}

/** Agora's package has no types for its parser. */
const parseToken = (token: string): ParsedToken => {
  const { AccessToken2 } = createRequire(import.meta.url)('agora-token/src/AccessToken2.js') as {
    AccessToken2: new (...args: string[]) => ParsedToken & { from_string(token: string): boolean }
  }
  const parsed = new AccessToken2('', '', '', '')
  expect(parsed.from_string(token)).toBe(true)
  return parsed
}

const setup = (
  answer: (url: string, init?: RequestInit) => Response | Promise<Response> = () => new Response('{}'),
  config: Partial<ChannelTokensOptions['config']> = {},
) => {
  const acceptance = { accepted: vi.fn<() => void>(), refused: vi.fn<(why: string) => void>() }
  const fetch = vi.fn(async (url: unknown, init?: RequestInit) => answer(String(url), init))
  const tokens = createChannelTokens({
    config: { tokenUrlSecrets: [SECRET], tokenUrlReach: 'public', agora: { appId: APP_ID }, ...config },
    clock: { now: () => NOW, elapsed: () => 0 },
    acceptance,
    fetch,
  })
  const accessFor = (request: { tokenUrl?: string; decryptionMode?: 0 | 1 | 8 } = {}) => {
    const { tokenUrl, decryptionMode } = request
    const recordingConfig = { channelType: 1, maxIdleTime: 300, decryptionMode } as const
    return tokens.accessFor({ tokenUrl, recordingConfig }, JOINING)
  }
  return { accessFor, fetch, acceptance }
}

const json = (body: unknown): Response => new Response(JSON.stringify(body))

describe('without a tokenUrl', () => {
  test('the App Certificate makes a token for this channel and uid that only subscribes, for 24 hours', async () => {
    const { accessFor, fetch } = setup(undefined, { appCertificate: CERTIFICATE })
    const { token = '', ...rest } = await accessFor()
    expect(rest).toEqual({ validFor: 86_400 })
    const { appId, expire, services } = parseToken(token)
    expect([String(appId), expire]).toEqual([APP_ID, 86_400])
    const [rtc, ...others] = Object.values(services)
    expect(others).toEqual([])
    expect(String(rtc?.__channel_name)).toBe('lesson 7')
    expect(String(rtc?.__uid)).toBe('4100900003')
    // 1: join the channel. Publishing has others.
    expect(rtc?.__privileges).toEqual({ 1: 86_400 })
    expect(fetch).not.toHaveBeenCalled()
  })

  test('there is no token for an App ID that is not one of Agora', async () => {
    const tokens = createChannelTokens({
      config: {
        tokenUrlSecrets: [],
        tokenUrlReach: 'public',
        appCertificate: CERTIFICATE,
        agora: { appId: 'app1' },
      },
      clock: { now: () => NOW, elapsed: () => 0 },
      acceptance: { accepted: () => {}, refused: () => {} },
    })
    const recordingConfig = { channelType: 1, maxIdleTime: 300 } as const
    await expect(tokens.accessFor({ recordingConfig }, JOINING)).rejects.toThrow('AGORA_APP_ID')
  })

  test('and without an App Certificate there is no token', async () => {
    expect(await setup().accessFor()).toEqual({})
  })
})

describe('the tokenUrl', () => {
  test('is asked with a signed request, and its token is used instead of an own one', async () => {
    const { accessFor, fetch, acceptance } = setup(() => json({ token: '007given', room: 'x' }), {
      appCertificate: CERTIFICATE,
      tokenUrlSecrets: [NEXT_SECRET, SECRET],
    })
    expect(await accessFor({ tokenUrl: URL })).toEqual({ token: '007given', validFor: 86_400 })
    const [[url, init] = []] = fetch.mock.calls
    expect(url).toBe(URL)
    expect(init).toMatchObject({ method: 'POST', redirect: 'error' })
    const headers = init?.headers as Record<string, string>
    expect(headers).toMatchObject({ 'content-type': 'application/json' })
    for (const secret of [SECRET, NEXT_SECRET]) {
      expect(new Webhook(secret).verify(String(init?.body), headers)).toEqual(JOINING)
    }
    expect(() => new Webhook(SECRET).verify('{}', headers)).toThrow('No matching signature')
    expect(acceptance.accepted).toHaveBeenCalledOnce()
  })

  test.each([
    [7200, 7200],
    [100_000, 86_400],
  ])('says with expiresIn %d that the token is valid for %d s', async (expiresIn, validFor) => {
    const { accessFor } = setup(() => json({ token: '007given', expiresIn }))
    expect(await accessFor({ tokenUrl: URL })).toEqual({ token: '007given', validFor })
  })

  test('gives out the keys of an encrypted channel, with or without a token', async () => {
    const keys = { secret: 'SECRET-key', salt: SALT }
    const { accessFor } = setup(() => json({ token: '007given', ...keys }))
    const token = { token: '007given', validFor: 86_400 }
    expect(await accessFor({ tokenUrl: URL, decryptionMode: 8 })).toEqual({ ...token, ...keys })
    expect(await accessFor({ tokenUrl: URL, decryptionMode: 1 })).toEqual({ ...token, secret: 'SECRET-key' })
    expect(await accessFor({ tokenUrl: URL })).toEqual(token)
    const bare = setup(() => json(keys))
    expect(await bare.accessFor({ tokenUrl: URL, decryptionMode: 8 })).toEqual(keys)
    const own = setup(() => json(keys), { appCertificate: CERTIFICATE })
    expect(await own.accessFor({ tokenUrl: URL, decryptionMode: 8 })).toEqual({
      ...{ token: expect.stringMatching(/^007/), validFor: 86_400 },
      ...keys,
    })
  })

  test.each<[string, Response | Error, string]>([
    ['an error', new Response('SECRET-text', { status: 403 }), 'the address answered HTTP 403'],
    ['no JSON', new Response('SECRET-text'), 'the answer is not JSON'],
    ['a list', json(['SECRET-text']), 'the answer is wrong: body must be an object'],
    ['no token', json({ tokens: 'SECRET-text' }), 'the answer has no token'],
    [
      'an empty token',
      json({ token: '' }),
      'the answer is wrong: token must be printable ASCII without white space',
    ],
    [
      'a token with white space',
      json({ token: 'SECRET text' }),
      'the answer is wrong: token must be printable ASCII without white space',
    ],
    [
      'a long token',
      json({ token: 'S'.repeat(5000) }),
      'the answer is wrong: token must have at most 4096 characters',
    ],
    [
      'a short life',
      json({ token: '007', expiresIn: 60 }),
      'the answer is wrong: expiresIn must be at least 3600 s',
    ],
    ['a long answer', new Response('S'.repeat(70_000)), 'the answer is longer than 65536 bytes'],
    ['no connection', new Error('SECRET-text'), 'the address could not be reached, or redirects'],
  ])('with %s is no token, and the error has nothing of the answer', async (_what, answer, why) => {
    const { accessFor, acceptance } = setup(() => {
      if (answer instanceof Error) throw answer
      return answer
    })
    const error: unknown = await accessFor({ tokenUrl: URL }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TokenError)
    expect(String(error)).toBe(`TokenError: There is no token for the channel. tokenUrl: ${why}`)
    expect(acceptance.refused.mock.calls).toEqual([[why]])
  })

  test('must give out every key that the encryption needs', async () => {
    const missing = setup(() => json({ token: '007given' })).accessFor({ tokenUrl: URL, decryptionMode: 8 })
    await expect(missing).rejects.toThrow('the answer has no secret and no salt')
    const wrong = setup(() => json({ secret: 's', salt: 'SECRET' })).accessFor({
      tokenUrl: URL,
      decryptionMode: 8,
    })
    await expect(wrong).rejects.toThrow('salt must be the base64 of 32 bytes')
  })

  test('is not blamed if the reporter itself makes no token beside its keys', async () => {
    const config = { appCertificate: CERTIFICATE, agora: { appId: 'app1' } }
    const { accessFor, acceptance } = setup(() => json({ secret: 'SECRET-key' }), config)
    const error: unknown = await accessFor({ tokenUrl: URL, decryptionMode: 1 }).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(TokenError)
    expect(String(error)).toContain('AGORA_APP_ID')
    expect(String(error)).not.toContain('tokenUrl')
    expect(acceptance.accepted).toHaveBeenCalledOnce()
    expect(acceptance.refused).not.toHaveBeenCalled()
  })

  test('is not asked without a secret to sign with', async () => {
    const { accessFor, fetch } = setup(undefined, { tokenUrlSecrets: [] })
    await expect(accessFor({ tokenUrl: URL })).rejects.toThrow('TOKEN_URL_SECRET is not set')
    expect(fetch).not.toHaveBeenCalled()
  })

  test('has 10 s to answer', async () => {
    vi.spyOn(AbortSignal, 'timeout').mockImplementationOnce((ms) => {
      expect(ms).toBe(10_000)
      return AbortSignal.abort()
    })
    const { accessFor } = setup((_url, init) => {
      init?.signal?.throwIfAborted()
      return json({})
    })
    await expect(accessFor({ tokenUrl: URL })).rejects.toThrow('no answer within 10 s')
  })
})
