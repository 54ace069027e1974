import { describe, expect, test } from 'vitest'
import type { ChannelRequest } from '../../channelRequest.ts'
import { storedRequestSchema } from '../../recordingRequest.ts'
import { expectProblem } from '../../testing/expectProblem.ts'
import { config, createHarness, type Harness, SECRETS } from '../../testing/harness.ts'
import { changedConfig } from './channel.ts'

const CHANNEL = {
  id: 'lesson7',
  kind: 'channel',
  mode: 'mix',
  channel: 'lesson-7 (b)',
  recordingConfig: { channelType: 1 },
} as const

const created = async (body: object = {}): Promise<Harness> => {
  const harness = await createHarness()
  const response = await harness.api('POST', '/v1/recordings', { ...CHANNEL, ...body })
  expect(response.status).toBe(201)
  await harness.drainEffects()
  return harness
}

describe('the start of a channel', () => {
  test('acquires and starts in mix mode, under the name of the channel', async () => {
    const { agora } = await created({ resourceExpiredHour: 100 })
    const identity = { cname: 'lesson-7 (b)', uid: '900001' }
    const clientRequest = {
      storageConfig: {
        ...{ vendor: 1, region: 0, bucket: 'recordings', fileNamePrefix: ['lesson7', 'a1'] },
        ...{ accessKey: SECRETS.accessKey, secretKey: SECRETS.storageKey },
      },
      recordingConfig: { channelType: 1, maxIdleTime: 300 },
    }
    expect(agora.sent).toMatchObject([
      {
        call: 'acquire',
        body: {
          ...identity,
          clientRequest: { scene: 0, resourceExpiredHour: 100, startParameter: clientRequest },
        },
      },
      { call: 'start', mode: 'mix', body: { ...identity, clientRequest } },
    ])
  })

  test('in individual mode has screenshots', async () => {
    const snapshotConfig = { captureInterval: 5, fileType: ['jpg'] }
    const { agora } = await created({ mode: 'individual', snapshotConfig })
    expect(agora.sent).toMatchObject([
      { call: 'acquire', body: { clientRequest: { scene: 0 } } },
      { call: 'start', mode: 'individual', body: { clientRequest: { snapshotConfig } } },
    ])
  })
})

describe('the token of a channel', () => {
  const TokenUrl = 'https://app.test/token'
  const Secret = `whsec_${Buffer.alloc(24).toString('base64')}`
  const withAnswers = async (...answers: Response[]): Promise<Harness> => {
    const credentialsFetch = async () => answers.shift() ?? new Response('', { status: 503 })
    const harness = await createHarness({ tokenUrlSecrets: [Secret] }, { credentialsFetch })
    const response = await harness.api('POST', '/v1/recordings', { ...CHANNEL, tokenUrl: TokenUrl })
    expect(response.status).toBe(201)
    await harness.drainEffects()
    return harness
  }
  const json = (body: unknown): Response => new Response(JSON.stringify(body))

  test('is sent with the start, and the attempt is to be replaced before it expires', async () => {
    const harness = await withAnswers(json({ token: '007a', expiresIn: 7200 }))
    expect(harness.agora.sent[1]).toMatchObject({ call: 'start', body: { clientRequest: { token: '007a' } } })
    const stored = await harness.parts.engine.load('lesson7')
    const expiresAt = harness.now() + 7_200_000
    expect(stored?.recording.attempts[0]?.tokenExpiresAt).toBe(expiresAt)
    const { rollOverAt = '' } = (await harness.recording('lesson7')).deadlines
    expect(expiresAt - Date.parse(rollOverAt)).toBe(120_000)
  })

  test('counts if a crash had the start sent again with one that expires earlier', async () => {
    const answers = [json({ token: '007a', expiresIn: 7200 }), json({ token: '007b', expiresIn: 3600 })]
    const harness = await createHarness(
      { tokenUrlSecrets: [Secret] },
      { credentialsFetch: async () => answers.shift() ?? new Response('', { status: 503 }) },
    )
    const start = harness.agora.delayAnswer('start')
    await harness.api('POST', '/v1/recordings', { ...CHANNEL, tokenUrl: TokenUrl })
    await start.arrived
    await harness.crash()
    await harness.drainEffects()
    start.release()
    expect(harness.agora.calls()).toEqual(['acquire', 'start', 'start'])
    const stored = await harness.parts.engine.load('lesson7')
    expect(stored?.recording.attempts[0]?.tokenExpiresAt).toBe(harness.now() + 3_600_000)
  })

  test('is made from the App Certificate', async () => {
    const harness = await createHarness({
      appCertificate: '5cfd2fd1755d40ecb72977518be15d3b',
      agora: { ...config.agora, appId: '970ca35de60c44645bbae8a215061b33' },
    })
    await harness.api('POST', '/v1/recordings', CHANNEL)
    await harness.drainEffects()
    expect(harness.agora.sent[1]).toMatchObject({
      body: { clientRequest: { token: expect.stringMatching(/^007/) } },
    })
  })

  test('postpones the start with attention until it is there', async () => {
    const harness = await withAnswers(new Response('', { status: 503 }), json({ token: '007a' }))
    expect(harness.agora.calls()).toEqual([])
    const { attention } = await harness.recording('lesson7')
    expect(attention).toMatchObject([
      { code: 'token_unavailable', message: expect.stringContaining('the address answered HTTP 503') },
    ])
    expect(await (await harness.request('/readyz')).json()).toMatchObject({
      status: 'degraded',
      checks: { channelTokens: { ok: false } },
    })
    await harness.pass(60)
    expect(harness.agora.calls()).toContain('start')
    expect((await harness.recording('lesson7')).attention).toEqual([])
    expect(await (await harness.request('/readyz')).json()).toMatchObject({ status: 'ok' })
  })

  test('is not asked for without a secret to sign with: the request is refused', async () => {
    const harness = await createHarness()
    const response = await harness.api('POST', '/v1/recordings', { ...CHANNEL, tokenUrl: TokenUrl })
    const { errors } = await expectProblem(response, 422)
    expect(errors).toEqual([{ path: 'tokenUrl', message: expect.stringContaining('TOKEN_URL_SECRET') }])
  })
})

describe('the recording of a channel', () => {
  test('has the facts of its request', async () => {
    const harness = await created({
      resourceExpiredHour: 20,
      recordingConfig: { channelType: 1, maxIdleTime: 60 },
    })
    const stored = await harness.parts.engine.load('lesson7')
    expect(stored?.recording).toMatchObject({
      ...{ kind: 'channel', cname: 'lesson-7 (b)', maxIdleTime: 60, maxRecordingHour: 20 },
      policy: { queryInterval: 59 },
    })
    const usual = await created()
    expect((await usual.parts.engine.load('lesson7'))?.recording.policy.queryInterval).toBe(120)
  })

  test.each([
    ['mix', ['playlist.m3u8']],
    ['individual', ['audio.m3u8', 'video.m3u8']],
  ])('is queried and stopped in mode %s, and the files of the answers are read', async (mode, files) => {
    const harness = await created({ mode })
    await harness.pass(10)
    const stopped = {
      status: 200,
      json: {
        serverResponse: {
          fileListMode: 'json',
          fileList: [{ fileName: 'last.m3u8' }],
          uploadingStatus: 'backuped',
        },
      },
    }
    harness.agora.answer('stop', stopped)
    await harness.api('POST', '/v1/recordings/lesson7/stop')
    await harness.drainEffects()
    const calls = harness.agora.sent.filter(({ call }) => call === 'query' || call === 'stop')
    expect(new Set(calls.map(({ call }) => call))).toEqual(new Set(['query', 'stop']))
    expect(calls.map((sent) => sent.mode)).toEqual(calls.map(() => mode))
    const { attempts } = await harness.recording('lesson7')
    expect(attempts[0]).toMatchObject({ state: 'ended', uploadingStatus: 'backuped' })
    expect(attempts[0]?.files.map(({ name }) => name)).toEqual([...files, 'last.m3u8'])
  })
})

describe('what was changed', () => {
  const Config = (
    storedRequestSchema.parse({
      ...CHANNEL,
      recordingConfig: {
        ...{ channelType: 1, subscribeAudioUids: ['1'], subscribeVideoUids: ['1'] },
        transcodingConfig: {
          ...{ width: 640, height: 360, fps: 30, bitrate: 800 },
          ...{ mixedVideoLayout: 2, maxResolutionUid: '1', backgroundColor: '#112233' },
        },
      },
    }) as ChannelRequest
  ).recordingConfig

  test('of the layout replaces all of it, and keeps the canvas', () => {
    expect(changedConfig(Config, { layout: { mixedVideoLayout: 1 } })).toEqual({
      ...Config,
      transcodingConfig: { width: 640, height: 360, fps: 30, bitrate: 800, mixedVideoLayout: 1 },
    })
  })

  test('of the subscription replaces the lists of both media', () => {
    const changed = changedConfig(Config, { subscription: { audioUidList: { unsubscribeAudioUids: ['2'] } } })
    expect(changed).toMatchObject({ channelType: 1, unsubscribeAudioUids: ['2'] })
    expect(changed).not.toHaveProperty('subscribeAudioUids')
    expect(changed).not.toHaveProperty('subscribeVideoUids')
  })

  test('is nothing by default', () => {
    expect(changedConfig(Config)).toEqual(Config)
    expect(changedConfig(Config, {})).toEqual(Config)
  })
})
