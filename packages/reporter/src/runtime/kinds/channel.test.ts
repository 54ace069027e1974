import { describe, expect, test } from 'vitest'
import type { ChannelRequest } from '../../channelRequest.ts'
import { storedRequestSchema } from '../../recordingRequest.ts'
import { createHarness, type Harness, SECRETS } from '../../testing/harness.ts'
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
