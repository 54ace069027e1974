import { createCloudRecording, createQuota } from '@stillrolling/rest-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createInProcessEmulator } from '../createInProcessEmulator.ts'
import { CREDENTIALS } from '../testing/client.ts'
import { type FakeClock, fakeClock } from '../testing/fakeClock.ts'
import type { InProcessEmulator } from '../types.ts'

// The forms of the requests for channels in Agora's reference, its guides and the examples of its clients, with values of our own.
// They pass through rest-core, which checks them as well.

const identity = { cname: 'class42', uid: '527841' }
const storageConfig = {
  vendor: 2,
  region: 3,
  bucket: 'recordings',
  accessKey: 'key',
  secretKey: 'secret',
  fileNamePrefix: ['directory1', 'directory2'],
}
const channel = (recordingConfig: object, more: object = {}): object => ({
  token: 'rtc token',
  recordingConfig: { channelType: 0, ...recordingConfig },
  ...more,
  storageConfig,
})
const uids = { subscribeVideoUids: ['123', '456'], subscribeAudioUids: ['123', '456'] }
const transcodingConfig = {
  height: 640,
  width: 360,
  bitrate: 500,
  fps: 15,
  mixedVideoLayout: 1,
  backgroundColor: '#FF0000',
}
const layoutConfig = [
  { uid: '1', x_axis: 0, y_axis: 0, width: 0.5, height: 1, alpha: 1, render_mode: 1 },
  { x_axis: 0.5, y_axis: 0, width: 0.5, height: 1 },
]
const snapshotConfig = { captureInterval: 5, fileType: ['jpg'] }
const HLS = { recordingFileConfig: { avFileType: ['hls'] } }
const key = Buffer.alloc(32, 'k').toString('base64')

const ACQUIRES: [string, object][] = [
  ['a channel', { resourceExpiredHour: 24, scene: 0 }],
  ['nothing said', {}],
  ['regionAffinity', { scene: 0, regionAffinity: 4 }],
  ['region and other resources', { scene: 0, region: 'AP', excludeResourceIds: ['other'] }],
  ['postponed transcoding', { scene: 2 }],
  [
    'the parameters of the start',
    { scene: 0, startParameter: channel({ transcodingConfig, audioProfile: 1 }) },
  ],
]

const STARTS: ['mix' | 'individual', string, object][] = [
  ['mix', 'with the least', { recordingConfig: { channelType: 1 }, storageConfig }],
  ['mix', 'with subscribeUidGroup', channel({ transcodingConfig, ...uids, subscribeUidGroup: 0 })],
  [
    'mix',
    'with MP4 and a layout of its own',
    channel(
      { transcodingConfig: { ...transcodingConfig, mixedVideoLayout: 3, layoutConfig } },
      { recordingFileConfig: { avFileType: ['hls', 'mp4'] } },
    ),
  ],
  [
    'mix',
    'with backgrounds',
    channel({
      transcodingConfig: {
        ...transcodingConfig,
        backgroundImage: 'https://images.example.com/canvas.jpg',
        defaultUserBackgroundImage: 'https://images.example.com/user.jpg',
        backgroundConfig: [{ uid: '1', image_url: 'https://images.example.com/1.jpg', render_mode: 0 }],
      },
    }),
  ],
  [
    'mix',
    'of an encrypted channel',
    channel({ decryptionMode: 8, secret: 'key', salt: key, maxIdleTime: 2_592_000, audioProfile: 2 }),
  ],
  [
    'individual',
    'with subscribeUidGroup',
    channel({ maxIdleTime: 30, streamTypes: 2, ...uids, subscribeUidGroup: 0 }, HLS),
  ],
  ['individual', 'in standard mode', channel({ streamMode: 'standard', videoStreamType: 1 })],
  ['individual', 'of audio', channel({ streamTypes: 0, streamMode: 'original', subscribeUidGroup: 0 })],
  [
    'individual',
    'of all users',
    channel({ subscribeAudioUids: ['#allstream#'], unSubscribeVideoUids: ['4'] }),
  ],
  ['individual', 'of screenshots', channel({ channelType: 1, subscribeUidGroup: 0 }, { snapshotConfig })],
  ['individual', 'of screenshots and files', channel({ streamTypes: 1 }, { snapshotConfig, ...HLS })],
  [
    'individual',
    'of one audio file',
    channel(
      { channelType: 1, streamTypes: 0 },
      {
        appsCollection: { combinationPolicy: 'postpone_transcoding' },
        transcodeOptions: {
          container: { format: 'mp3' },
          transConfig: { transMode: 'audioMix' },
          audio: { sampleRate: '48000', bitrate: '48000', channels: '2' },
        },
        ...HLS,
      },
    ),
  ],
]

const UPDATES: object[] = [
  { streamSubscribe: { audioUidList: { subscribeAudioUids: ['#allstream#'] } } },
  {
    streamSubscribe: {
      audioUidList: { subscribeAudioUids: ['1', '2'] },
      videoUidList: { unsubscribeVideoUids: ['444', '555'] },
    },
  },
  { streamSubscribe: { videoUidList: { unSubscribeVideoUids: ['444'] } } },
  { storageConfig },
]

const LAYOUTS: object[] = [
  {},
  { mixedVideoLayout: 1, backgroundColor: '#FF0000' },
  { mixedVideoLayout: 2, maxResolutionUid: '1' },
  { mixedVideoLayout: 3, layoutConfig },
]

let emulator: InProcessEmulator
let clock: FakeClock
let client: ReturnType<typeof createCloudRecording>

beforeEach(() => {
  clock = fakeClock()
  emulator = createInProcessEmulator({ ...CREDENTIALS, browser: false, qps: null, clock })
  client = createCloudRecording({
    ...CREDENTIALS,
    quota: createQuota({ perSecond: 100 }),
    fetch: emulator.fetch,
  })
})
afterEach(() => emulator.close())

/** Lets a moment of the emulator's time pass as soon as the call has arrived. */
const meanwhile = async <Answer>(call: Promise<Answer>): Promise<Answer> => {
  const known = emulator.requests().length
  await expect.poll(() => emulator.requests().length).toBeGreaterThan(known)
  await clock.advance(1)
  return call
}

const start = async (mode: 'mix' | 'individual', clientRequest: object) => {
  const scene = 'appsCollection' in clientRequest ? 2 : 0
  const { resourceId } = await client.acquire({ ...identity, clientRequest: { scene } })
  const { sid } = await client.start({ ...identity, resourceId, mode, clientRequest } as never)
  await clock.advance(0)
  return { ...identity, resourceId, sid, mode }
}

test.each(ACQUIRES)('acquire with %s is accepted', async (_, clientRequest) => {
  await client.acquire({ ...identity, clientRequest })
  expect(emulator.requests()).toMatchObject([{ call: 'acquire', status: 200 }])
})

describe.each(STARTS)('mode %s', (mode, what, clientRequest) => {
  test(`a start ${what} is accepted, queried and stopped`, async () => {
    emulator.runChannelCommand('class42', { do: 'users', uids: ['123'] })
    const task = await start(mode, clientRequest)
    await clock.advance(60)
    const { resourceId, sid } = task
    const { serverResponse } = await client.query({ resourceId, sid, mode })
    expect(serverResponse.status).toBe(5)
    expect(emulator.tasks()).toMatchObject([{ mode, state: 'recording' }])
    const { serverResponse: stopped } = await meanwhile(client.stop({ ...task, clientRequest: {} }))
    expect(stopped.uploadingStatus).toBe('uploaded')
    expect(stopped.fileList.length).toBe(emulator.tasks()[0]?.files.length)
  })

  test(`a start ${what} is accepted after an acquire with the same startParameter`, async () => {
    const scene = 'appsCollection' in clientRequest ? 2 : 0
    const startParameter = clientRequest as never
    const { resourceId } = await client.acquire({ ...identity, clientRequest: { scene, startParameter } })
    const answer = await client.start({ ...identity, resourceId, mode, clientRequest } as never)
    expect(answer.sid).toBe(emulator.tasks()[0]?.sid)
  })
})

describe.each(['mix', 'individual'] as const)('mode %s', (mode) => {
  test.each(UPDATES)('the update %j is accepted', async (clientRequest) => {
    const task = await start(mode, channel({}))
    const answer = await meanwhile(client.update({ ...task, clientRequest } as never))
    expect(answer).toMatchObject({ sid: task.sid, resourceId: task.resourceId })
  })
})

test.each(LAYOUTS)('the layout %j is accepted', async (clientRequest) => {
  const task = await start('mix', channel({}))
  await meanwhile(client.updateLayout({ ...task, mode: 'mix', clientRequest }))
  expect(emulator.tasks()).toMatchObject([{ layout: clientRequest }])
})

test('fields that are not documented are accepted in every call', async () => {
  const send = { unknownFields: 'send' } as const
  const tomorrow = { retention: { days: 7 } }
  const acquired = await client.acquire(
    { ...identity, clientRequest: { scene: 0, ...tomorrow } } as never,
    send,
  )
  const clientRequest = { ...channel({ newCodec: 'av1' }), ...tomorrow }
  const request = { ...identity, resourceId: acquired.resourceId, mode: 'mix', clientRequest }
  const { sid } = await client.start(request as never, send)
  const task = { ...identity, resourceId: acquired.resourceId, sid, mode: 'mix' as const }
  await meanwhile(client.update({ ...task, clientRequest: { storageConfig, ...tomorrow } } as never, send))
  await meanwhile(client.updateLayout({ ...task, clientRequest: { spacing: 4 } } as never, send))
  expect(emulator.requests().map(({ status }) => status)).toEqual([200, 200, 200, 200])
})
