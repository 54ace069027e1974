import { describe, expect, test } from 'vitest'
import { createCloudRecording } from '../client.ts'
import type { Issue } from '../issues.ts'
import { options } from '../testing/examples.ts'
import { startHttpServer } from '../testing/httpServer.ts'

// The forms of Agora's published requests (REST reference, guides of each mode), with values of our own.

const identity = { cname: 'class42', uid: '527841' }
const storageConfig = {
  vendor: 2,
  region: 3,
  bucket: 'recordings',
  accessKey: 'key',
  secretKey: 'secret',
  fileNamePrefix: ['directory1', 'directory2'],
}
const recorder = {
  url: 'https://app.example.com/room/42',
  audioProfile: 0,
  videoWidth: 1280,
  videoHeight: 720,
  maxRecordingHour: 3,
}
const web = (serviceParam: object, ...services: object[]): object => ({
  token: 'rtc token, if any',
  extensionServiceConfig: {
    errorHandlePolicy: 'error_abort',
    extensionServices: [
      { serviceName: 'web_recorder_service', errorHandlePolicy: 'error_abort', serviceParam },
      ...services,
    ],
  },
  recordingFileConfig: { avFileType: ['hls', 'mp4'] },
  storageConfig,
})
const channel = (recordingConfig: object, more: object = {}): object => ({
  token: 'rtc token',
  recordingConfig: { channelType: 0, ...recordingConfig },
  ...more,
  storageConfig,
})
const uids = { subscribeVideoUids: ['123', '456'], subscribeAudioUids: ['123', '456'] }
const rtmp = {
  serviceName: 'rtmp_publish_service',
  errorHandlePolicy: 'error_ignore',
  serviceParam: { outputs: [{ rtmpUrl: 'rtmp://live.example.com/app/key' }] },
}
const transcodingConfig = {
  height: 640,
  width: 360,
  bitrate: 500,
  fps: 15,
  mixedVideoLayout: 1,
  backgroundColor: '#FF0000',
}
const snapshotConfig = { captureInterval: 5, fileType: ['jpg'] }
const audioMix = {
  appsCollection: { combinationPolicy: 'postpone_transcoding' },
  transcodeOptions: {
    container: { format: 'mp3' },
    transConfig: { transMode: 'audioMix' },
    audio: { sampleRate: '48000', bitrate: '48000', channels: '2' },
  },
  recordingFileConfig: { avFileType: ['hls'] },
}

const acquires: [string, object][] = [
  ['a channel', { resourceExpiredHour: 24, scene: 0 }],
  ['a web page', { resourceExpiredHour: 24, scene: 1 }],
  ['nothing said', {}],
  ['regionAffinity', { scene: 1, regionAffinity: 1 }],
  ['region', { scene: 1, region: 'EU', excludeResourceIds: ['other'] }],
  ['a resource that expires first', { scene: 1, resourceExpiredHour: 1, startParameter: web(recorder) }],
  ['the parameters of a page', { scene: 1, startParameter: web({ ...recorder, readyTimeout: null }) }],
  [
    'the parameters of a composite recording',
    {
      scene: 0,
      startParameter: channel({ transcodingConfig, audioProfile: 1, ...uids, subscribeUidGroup: 0 }),
    },
  ],
  ['the parameters of screenshots', { scene: 0, startParameter: channel({}, { snapshotConfig }) }],
]
const starts: ['web' | 'mix' | 'individual', string, object][] = [
  ['web', 'with a token', web(recorder)],
  ['web', 'with readyTimeout null', web({ ...recorder, readyTimeout: null })],
  ['web', 'with a stream', web({ ...recorder, maxVideoDuration: 200 }, rtmp)],
  ['mix', 'with subscribeUidGroup', channel({ transcodingConfig, ...uids, subscribeUidGroup: 0 })],
  [
    'individual',
    'with subscribeUidGroup',
    channel({ maxIdleTime: 30, streamTypes: 2, ...uids, subscribeUidGroup: 0 }),
  ],
  ['individual', 'of audio', channel({ streamTypes: 0, streamMode: 'original', subscribeUidGroup: 0 })],
  ['individual', 'of screenshots', channel({ channelType: 1, subscribeUidGroup: 0 }, { snapshotConfig })],
  [
    'individual',
    'of screenshots and files, without subscribeUidGroup',
    channel({ streamTypes: 1 }, { snapshotConfig, recordingFileConfig: { avFileType: ['hls'] } }),
  ],
  [
    'individual',
    'of screenshots each second',
    channel({}, { snapshotConfig: { ...snapshotConfig, captureInterval: 1 } }),
  ],
  [
    'individual',
    'of one audio file',
    channel({ channelType: 1, streamTypes: 0, subscribeUidGroup: 0 }, audioMix),
  ],
]

describe('what Agora publishes is sent as it is', () => {
  const sendTo = async (
    send: (client: ReturnType<typeof createCloudRecording>) => Promise<unknown>,
  ): Promise<unknown> => {
    await using server = await startHttpServer((_, response) => {
      response.end(JSON.stringify({ resourceId: 'r', sid: 's', serverResponse: {} }))
    })
    const client = createCloudRecording({ ...options, baseUrls: [server.url] })
    await send(client)
    return server.received[0]?.json
  }

  test.each(acquires)('acquire: %s', async (_, clientRequest) => {
    const request = { ...identity, clientRequest }
    expect(await sendTo((client) => client.acquire(request as never))).toEqual(request)
  })

  test.each(starts)('start %s %s', async (mode, _, clientRequest) => {
    const request = { resourceId: 'r', mode, ...identity, clientRequest }
    expect(await sendTo((client) => client.start(request as never))).toEqual({ ...identity, clientRequest })
  })

  test('stop with an empty clientRequest', async () => {
    const request = { resourceId: 'r', sid: 's', mode: 'mix', ...identity, clientRequest: {} } as const
    expect(await sendTo((client) => client.stop(request))).toEqual({ ...identity, clientRequest: {} })
  })
})

describe('fields of tomorrow', () => {
  const tomorrow = {
    ...identity,
    resourceId: 'r',
    mode: 'web',
    priority: 'high',
    clientRequest: {
      ...web({ ...recorder, videoCodec: 'av1', new: { token: 'SECRET-of-tomorrow' } }),
      retention: { days: 7 },
    },
  } as const
  const param = 'clientRequest.extensionServiceConfig.extensionServices.0.serviceParam'
  const unknown = [`${param}.new`, `${param}.videoCodec`, 'clientRequest.retention', 'priority']

  const setUp = async (status: number, json: object) => {
    const server = await startHttpServer((_, response) => {
      response.statusCode = status
      response.end(JSON.stringify(json))
    })
    const advice: Issue[] = []
    const log = (entry: { advice?: readonly Issue[] }) => void advice.push(...(entry.advice ?? []))
    const client = createCloudRecording({ ...options, baseUrls: [server.url], log })
    return { server, client, advice }
  }

  test('are sent on request, at every level, with advice in the log', async () => {
    const { server, client, advice } = await setUp(200, { sid: 's' })
    await using _ = server
    await client.start(tomorrow as never, { unknownFields: 'send' })
    const { resourceId: __, mode: ___, ...body } = tomorrow
    expect(server.received[0]?.json).toEqual(body)
    expect(advice.map(({ path }) => path).toSorted()).toEqual(unknown)
    expect(advice[0]?.message).toContain('not known to this version')
  })

  test('are refused by default, and beside other mistakes', async () => {
    const { server, client } = await setUp(200, { sid: 's' })
    await using _ = server
    await expect(client.start(tomorrow as never)).rejects.toMatchObject({ tries: 0 })
    const wrong = { ...tomorrow, uid: '0' }
    await expect(client.start(wrong as never, { unknownFields: 'send' })).rejects.toMatchObject({
      issues: expect.arrayContaining([expect.objectContaining({ path: 'uid' })]),
    })
    // A rule across fields is checked, too.
    const large = {
      ...tomorrow,
      clientRequest: web({ ...recorder, new: 1, videoWidth: 1900, videoHeight: 1900 }),
    }
    await expect(client.start(large as never, { unknownFields: 'send' })).rejects.toMatchObject({ tries: 0 })
    const query = { resourceId: 'r', sid: 's', mode: 'web', verbose: true }
    await expect(client.query(query as never, { unknownFields: 'send' })).rejects.toMatchObject({ tries: 0 })
    expect(server.received).toEqual([])
  })

  test('may hold secrets, which are in no error', async () => {
    const { server, client } = await setUp(400, { code: 2, reason: 'bad token SECRET-of-tomorrow' })
    await using _ = server
    const error = await client.start(tomorrow as never, { unknownFields: 'send' }).catch((each) => each)
    expect(error.reason).toBe('bad token ***')
  })
})
