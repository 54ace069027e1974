import { RtcRole, RtcTokenBuilder } from 'agora-token'
import agoraToken from 'agora-token/src/AccessToken2.js'
import { afterEach, describe, expect, test } from 'vitest'
import { createInProcessEmulator } from '../createInProcessEmulator.ts'
import { channelRequest } from '../testing/channelClient.ts'
import { authorization, CREDENTIALS } from '../testing/client.ts'
import { type FakeClock, fakeClock } from '../testing/fakeClock.ts'
import type { InProcessEmulator } from '../types.ts'

const { AccessToken2, ServiceRtc } = agoraToken
const APP_ID = '970ca35de60c44645bbae8a215061b33'
const CERTIFICATE = '5cfd2fd1755d40ecb72977518be15d3b'
const NOW = Date.UTC(2026, 0, 1)
const NOW_SECONDS = NOW / 1000
const HOUR = 3600

interface TokenParts {
  appId?: string
  certificate?: string
  channel?: string
  uid?: string | number
  issuedAt?: number
  expire?: number
  /** Seconds after the issue in which the privilege to join ends. */
  joins?: number | null
}

const token = ({
  appId = APP_ID,
  certificate = CERTIFICATE,
  channel = 'room',
  uid = '900001',
  issuedAt = NOW_SECONDS,
  expire = HOUR,
  joins = 0,
}: TokenParts = {}): string => {
  const built = new AccessToken2(appId, certificate, issuedAt, expire)
  const service = new ServiceRtc(channel, uid)
  if (joins !== null) service.add_privilege(ServiceRtc.kPrivilegeJoinChannel, joins)
  built.add_service(service)
  return built.build()
}

let emulator: InProcessEmulator
let clock: FakeClock
afterEach(() => emulator.close())

const open = (appCertificate: string | null = CERTIFICATE): void => {
  clock = fakeClock(NOW)
  emulator = createInProcessEmulator({
    ...CREDENTIALS,
    appId: APP_ID,
    appCertificate: appCertificate ?? undefined,
    browser: false,
    users: 1,
    qps: null,
    clock,
  })
}

const post = async (path: string, clientRequest: unknown) => {
  const response = await emulator.fetch(`https://api.agora.io/v1/apps/${APP_ID}/cloud_recording${path}`, {
    method: 'POST',
    headers: { authorization: authorization(), 'content-type': 'application/json' },
    body: JSON.stringify({ cname: 'room', uid: '900001', clientRequest }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const start = async (text: string | undefined) => {
  const { body } = await post('/acquire', { scene: 0 })
  const answer = await post(`/resourceid/${body.resourceId}/mode/individual/start`, {
    ...channelRequest(),
    token: text,
  })
  return { ...answer, detail: emulator.requests().at(-1)?.detail ?? null }
}

test.each([
  ['for this channel and uid', token()],
  ['for every uid', token({ uid: 0 })],
  ['for every channel', token({ channel: '*' })],
  ['that ends in a second', token({ expire: 1 })],
])('a token %s is accepted', async (_, text) => {
  open()
  expect((await start(text)).status).toBe(200)
})

test("a token of Agora's builder is accepted", async () => {
  open()
  const text = RtcTokenBuilder.buildTokenWithUid(
    APP_ID,
    CERTIFICATE,
    'room',
    900001,
    RtcRole.SUBSCRIBER,
    HOUR,
    HOUR,
  )
  expect((await start(text)).status).toBe(200)
})

test.each([
  ['no token', undefined, 110, 'clientRequest.token is required'],
  ['an empty token', '', 110, 'clientRequest.token is required'],
  ['what is no token', '007eJw', 110, 'cannot be read'],
  ['a token of an older version', `006${APP_ID}IADkB`, 110, 'cannot be read'],
  ['a token for another App ID', token({ appId: 'a'.repeat(32) }), 110, 'for another App ID'],
  ['another certificate', token({ certificate: 'b'.repeat(32) }), 110, 'another App Certificate'],
  ['a token for another channel', token({ channel: 'class' }), 110, 'another channel than "room"'],
  ['a token for another uid', token({ uid: '900002' }), 110, 'another uid than 900001'],
  ['a token without the privilege to join', token({ joins: null }), 110, 'does not allow to join'],
  ['a token that has expired', token({ issuedAt: NOW_SECONDS - HOUR }), 109, '2026-01-01T00:00:00.000Z'],
  ['a privilege that has expired', token({ issuedAt: NOW_SECONDS - 60, joins: 60 }), 109, 'has expired'],
])('%s is refused', async (_, text, code, detail) => {
  open()
  const answer = await start(text)
  expect(answer).toMatchObject({
    status: 400,
    body: { code, reason: code === 109 ? 'token expired' : 'invalid token' },
  })
  expect(answer.detail).toContain(detail)
  expect(emulator.tasks()).toEqual([])
})

test('without a certificate tokens are not looked at', async () => {
  open(null)
  expect((await start('whatever')).status).toBe(200)
})

describe('a token that ends while its task records', () => {
  const run = async (parts: TokenParts): Promise<void> => {
    open()
    await start(token(parts))
    await clock.advance(0)
  }

  test('ends the task abnormally', async () => {
    await run({ expire: HOUR })
    await clock.advance(HOUR - 1)
    expect(emulator.tasks()).toMatchObject([{ state: 'recording' }])
    await clock.advance(2)
    expect(emulator.tasks()).toMatchObject([
      {
        state: 'ended',
        status: 20,
        exit: { exitStatus: 1, leaveCode: 16, reason: 'the RTC token has expired' },
      },
    ])
  })

  test('counts with its privilege to join, and through a failover', async () => {
    await run({ expire: 10 * HOUR, joins: HOUR })
    await emulator.runCommand(emulator.tasks()[0]?.sid ?? '', { do: 'failover', seconds: 60 })
    await clock.advance(HOUR - 1)
    expect(emulator.tasks()).toMatchObject([{ state: 'recording', failovers: 1 }])
    await clock.advance(2)
    expect(emulator.tasks()).toMatchObject([{ state: 'ended' }])
  })
})

test.each([
  { appCertificate: 'certificate' },
  { appCertificate: '' },
  { appId: 'app', appCertificate: CERTIFICATE },
])('%j cannot be in a token: the emulator does not start', (settings) => {
  open()
  expect(() => createInProcessEmulator({ ...CREDENTIALS, appId: APP_ID, ...settings })).toThrow(TypeError)
})

test('no token is in the journal', async () => {
  open()
  const text = token()
  await start(text)
  expect(JSON.stringify(emulator.requests())).not.toContain(text)
})
