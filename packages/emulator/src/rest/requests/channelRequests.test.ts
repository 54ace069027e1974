import { describe, expect, test } from 'vitest'
import { channelRequest } from '../../testing/channelClient.ts'
import { checkChannelUpdate, checkIndividualStart, checkMixStart } from './channelRequests.ts'
import { checkLayout } from './layoutRequest.ts'

const NOW = Date.UTC(2026, 0, 1)
const identity = { cname: 'room', uid: '1' }

type Config = Record<string, unknown>

/** What is wrong with a start in individual mode; null if nothing is. */
const individual = (config: Config, request: Config = {}): string | null => {
  const checked = checkIndividualStart(
    { ...identity, clientRequest: channelRequest({ config, request }) },
    NOW,
  )
  return checked.ok ? null : checked.detail
}

const mix = (config: Config, request: Config = {}): string | null => {
  const checked = checkMixStart({ ...identity, clientRequest: channelRequest({ config, request }) }, NOW)
  return checked.ok ? null : checked.detail
}

const KEY = Buffer.alloc(32).toString('base64')
const UIDS = Array.from({ length: 33 }, (_, index) => String(index + 1))
const SNAPSHOTS = { snapshotConfig: { captureInterval: 1, fileType: ['jpg'] } }

/** Each is refused in both modes, which share the rules. */
const WRONG_CONFIGS: [field: string, config: Config][] = [
  ['channelType', { channelType: null }],
  ['channelType', { channelType: 2 }],
  ['streamTypes', { streamTypes: 3 }],
  ['streamTypes', { streamTypes: '2' }],
  ['videoStreamType', { videoStreamType: 2 }],
  ['maxIdleTime', { maxIdleTime: 4 }],
  ['maxIdleTime', { maxIdleTime: 2_592_001 }],
  ['maxIdleTime', { maxIdleTime: 5.5 }],
  ['subscribeUidGroup', { subscribeUidGroup: 6 }],
  ['decryptionMode', { decryptionMode: 9 }],
  ['secret', { decryptionMode: 1 }],
  ['salt', { decryptionMode: 7, secret: 'key' }],
  ['salt', { decryptionMode: 7, secret: 'key', salt: 'short' }],
  ['subscribeAudioUids', { subscribeAudioUids: UIDS }],
  ['subscribeAudioUids', { subscribeAudioUids: ['#allstream#', '1'] }],
  ['subscribeVideoUids[0]', { subscribeVideoUids: [1] }],
  ['unsubscribeVideoUids[0]', { unsubscribeVideoUids: ['#allstream#'] }],
  ['unsubscribeAudioUids', { subscribeAudioUids: ['1'], unsubscribeAudioUids: ['2'] }],
  ['unsubscribeVideoUids', { unsubscribeVideoUids: ['1'], unSubscribeVideoUids: ['2'] }],
  ['streamTypes', { streamTypes: 1, subscribeAudioUids: ['1'] }],
  ['streamTypes', { streamTypes: 0, subscribeVideoUids: ['1'] }],
]

describe('start', () => {
  test("needs no recordingConfig, as in the examples of Agora's client for Python", () => {
    expect([individual({}, { recordingConfig: undefined }), mix({}, { recordingConfig: undefined })]).toEqual(
      [null, null],
    )
  })

  test.each([
    ['no channelType', { channelType: undefined }],
    ['the limits', { maxIdleTime: 5, subscribeUidGroup: 5, subscribeAudioUids: UIDS.slice(1) }],
    ['the longest idle time', { maxIdleTime: 2_592_000 }],
    ['GCM2 with a salt', { decryptionMode: 8, secret: 'key', salt: KEY }],
    ['a decryption mode without a salt', { decryptionMode: 6, secret: 'key' }],
    ['private parameters', { privateParams: '{"correctEXTINF":true}' }],
    ['both lists of a kind for different media', { subscribeAudioUids: ['1'], unsubscribeVideoUids: ['2'] }],
  ])('accepts %s in both modes', (_, config) => {
    expect([individual(config), mix(config)]).toEqual([null, null])
  })

  test.each(WRONG_CONFIGS)('names %s: %j', (field, config) => {
    const expected = expect.stringContaining(`clientRequest.recordingConfig.${field} `)
    expect([individual(config), mix(config)]).toEqual([expected, expected])
  })

  test.each([
    ['streamMode', { streamMode: 'fast' }, {}],
    ['streamMode', { streamMode: 'original' }, {}],
    ['avFileType', {}, { recordingFileConfig: { avFileType: ['hls', 'mp4'] } }],
    ['snapshotConfig', { streamTypes: 0 }, SNAPSHOTS],
    ['captureInterval', {}, { snapshotConfig: { captureInterval: 0, fileType: ['jpg'] } }],
    ['captureInterval', {}, { snapshotConfig: { captureInterval: 3601, fileType: ['jpg'] } }],
    ['fileType', {}, { snapshotConfig: { fileType: [] } }],
    ['fileType[0]', {}, { snapshotConfig: { fileType: ['png'] } }],
    ['fileType', {}, { snapshotConfig: {} }],
    ['token', {}, { token: 7 }],
    ['storageConfig', {}, { storageConfig: undefined }],
  ])('names %s in mode individual: %j %j', (field, config, request) => {
    expect(individual(config, request)).toContain(`.${field} `)
  })

  const layout = (transcodingConfig: Config): Config => ({ transcodingConfig })
  const region = { x_axis: 0, y_axis: 0, width: 1, height: 1 }

  test.each([
    ['audioProfile', { audioProfile: 3 }],
    ['height', layout({ width: 1920, height: 1081 })],
    ['width', layout({ width: 1921 })],
    ['fps', layout({ fps: 25 })],
    ['bitrate', layout({ bitrate: 6501 })],
    ['mixedVideoLayout', layout({ mixedVideoLayout: 4 })],
    ['layoutConfig', layout({ mixedVideoLayout: 3 })],
    ['layoutConfig', layout({ mixedVideoLayout: 3, layoutConfig: Array(18).fill(region) })],
    ['x_axis', layout({ mixedVideoLayout: 3, layoutConfig: [{ ...region, x_axis: 1.1 }] })],
    ['backgroundColor', layout({ backgroundColor: 'red' })],
    ['backgroundImage', layout({ backgroundImage: 'ftp://images.example.com/a.jpg' })],
    ['image_url', layout({ backgroundConfig: [{ uid: '1' }] })],
    ['maxResolutionUid', layout({ maxResolutionUid: 1 })],
  ])('names %s in mode mix: %j', (field, config) => {
    expect(mix(config)).toContain(`.${field} `)
  })

  test('fills the defaults in', () => {
    const { request } = checkMixStart({ ...identity, clientRequest: withoutIdleTime() }, NOW) as never as {
      request: { clientRequest: { recordingConfig: Config } }
    }
    expect(request.clientRequest.recordingConfig).toMatchObject({ maxIdleTime: 30, streamTypes: 2 })
  })

  const withoutIdleTime = () => channelRequest({ config: { maxIdleTime: undefined } })

  test('stsExpiration must be at least 4 hours ahead, also in an update', () => {
    const sts = (hours: number) => ({
      ...(channelRequest().storageConfig as Config),
      stsToken: 'token',
      stsExpiration: NOW / 1000 + hours * 3600,
    })
    expect([individual({}, { storageConfig: sts(4) }), mix({}, { storageConfig: sts(4) })]).toEqual([
      null,
      null,
    ])
    for (const check of [individual, mix])
      expect(check({}, { storageConfig: sts(3.9) })).toContain('at least 4 hours ahead')
    const update = checkChannelUpdate({ ...identity, clientRequest: { storageConfig: sts(3.9) } }, NOW)
    expect(update).toMatchObject({ ok: false, field: 'stsExpiration' })
  })
})

test.each([
  ['streamSubscribe', { streamSubscribe: {} }],
  ['audioUidList', { streamSubscribe: { audioUidList: {} } }],
  ['audioUidList', { streamSubscribe: { audioUidList: { subscribeVideoUids: ['1'] } } }],
  [
    'videoUidList',
    { streamSubscribe: { videoUidList: { subscribeVideoUids: ['1'], unsubscribeVideoUids: ['2'] } } },
  ],
])('an update names %s: %j', (field, clientRequest) => {
  expect(checkChannelUpdate({ ...identity, clientRequest }, NOW)).toMatchObject({ ok: false, field })
})

test('a layout of its own needs regions', () => {
  expect(checkLayout({ ...identity, clientRequest: { mixedVideoLayout: 3 } })).toMatchObject({
    ok: false,
    field: 'layoutConfig',
  })
})
