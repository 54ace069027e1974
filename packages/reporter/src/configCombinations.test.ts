import { describe, expect, test } from 'vitest'
import { type Environment, readConfig } from './config.ts'
import { APP_ID, CERTIFICATE, configErrorOf, GOOD } from './testing/goodEnvironment.ts'

test('an App Certificate needs an App ID of the form that Agora has', () => {
  const certificate = { AGORA_APP_CERTIFICATE: CERTIFICATE }
  expect(configErrorOf({ ...GOOD, ...certificate }).wrong).toEqual([
    { name: 'AGORA_APP_ID', message: expect.stringContaining('must be 32 hexadecimal digits') },
  ])
  expect(readConfig({ ...GOOD, ...certificate, AGORA_APP_ID: APP_ID }).agora.appId).toBe(APP_ID)
})

describe('with the real Agora', () => {
  const without = (name: string, set: Environment = {}): string[] => {
    const { [name]: _, ...rest } = GOOD
    return configErrorOf({ ...rest, ...set }).missing
  }

  test.each([undefined, 'https://agora-proxy.example.com', 'http://127.0.0.1:4100,https://api.agora.io'])(
    'PUBLIC_URL and an API key are required: AGORA_BASE_URLS=%s',
    (AgoraBaseUrls) => {
      expect(without('PUBLIC_URL', { AGORA_BASE_URLS: AgoraBaseUrls })).toEqual(['PUBLIC_URL'])
      expect(without('STILLROLLING_API_KEYS', { AGORA_BASE_URLS: AgoraBaseUrls })).toEqual([
        'STILLROLLING_API_KEYS',
      ])
    },
  )

  test.each([
    ['http://127.0.0.1:8080', '127.0.0.1 is reached from this machine only'],
    ['https://localhost', 'localhost is reached from this machine only'],
    ['http://[::1]:8080', '[::1] is reached from this machine only'],
    ['https://192.168.1.5', '192.168.1.5 is reached from this network only'],
    ['http://reporter:8080', 'reporter is reached from this network only'],
  ])('PUBLIC_URL=%s can never work', (PublicUrl, reason) => {
    const wrong = [
      { name: 'PUBLIC_URL', message: `must be an address that Agora's recorder can reach: ${reason}` },
    ]
    expect(configErrorOf({ ...GOOD, PUBLIC_URL: PublicUrl }).wrong).toEqual(wrong)
  })

  test('an address of this network is accepted where Agora is in it, and one of this machine is not', () => {
    const emulated = { ...GOOD, AGORA_BASE_URLS: 'http://emulator:8787' }
    expect(readConfig({ ...emulated, PUBLIC_URL: 'http://reporter:8080' }).publicUrl).toBe(
      'http://reporter:8080',
    )
    expect(configErrorOf({ ...emulated, PUBLIC_URL: 'http://localhost' }).wrong[0]?.name).toBe('PUBLIC_URL')
  })
})

describe('with an emulator on this machine', () => {
  const { PUBLIC_URL: _, STILLROLLING_API_KEYS: __, ...rest } = GOOD
  const Emulated = { ...rest, AGORA_BASE_URLS: 'http://127.0.0.1:8787, http://localhost:8788' }

  test('neither PUBLIC_URL nor an API key is required', () => {
    expect(readConfig({ ...Emulated, PORT: '9000' })).toMatchObject({
      publicUrl: 'http://127.0.0.1:9000',
      apiKeys: [],
    })
    expect(readConfig({ ...Emulated, PUBLIC_URL: 'http://localhost:1' }).publicUrl).toBe('http://localhost:1')
  })

  test.each(['0.0.0.0', '::', '192.168.1.5', 'reporter.internal', '127.example.com'])(
    'HOST=%s, which other machines can reach, needs an API key',
    (Host) => {
      expect(configErrorOf({ ...Emulated, HOST: Host }).missing).toEqual(['STILLROLLING_API_KEYS'])
      expect(readConfig({ ...Emulated, HOST: Host, STILLROLLING_API_KEYS: 'a-key-of-the-api-1' }).host).toBe(
        Host,
      )
    },
  )

  test.each(['127.0.0.1', 'localhost', '::1'])('HOST=%s needs none', (Host) => {
    expect(readConfig({ ...Emulated, HOST: Host }).host).toBe(Host)
  })

  test.each(['https://tunnel.example.com', 'http://192.168.1.5:8080'])(
    'PUBLIC_URL=%s, behind which a proxy makes the requests of others its own, needs an API key',
    (PublicUrl) => {
      expect(configErrorOf({ ...Emulated, PUBLIC_URL: PublicUrl }).missing).toEqual(['STILLROLLING_API_KEYS'])
    },
  )
})
