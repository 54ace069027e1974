import { describe, expect, test } from 'vitest'
import { individual, mix, postponed } from '../testing/channelExamples.ts'
import {
  acquireRequest,
  clientRequest,
  startRequest,
  stopRequest,
  task,
  updateRequest,
} from '../testing/examples.ts'
import { set, wrongPaths } from '../testing/fields.ts'
import {
  acquireRequestSchema,
  queryRequestSchema,
  startRequestSchema,
  stopRequestSchema,
  updateRequestSchema,
} from './calls.ts'

test('the examples are valid', () => {
  expect(wrongPaths(acquireRequestSchema, acquireRequest)).toEqual([])
  expect(wrongPaths(startRequestSchema, startRequest)).toEqual([])
  expect(wrongPaths(queryRequestSchema, task)).toEqual([])
  expect(wrongPaths(updateRequestSchema, updateRequest)).toEqual([])
  expect(wrongPaths(stopRequestSchema, stopRequest)).toEqual([])
})

const storage = 'clientRequest.storageConfig'
const services = 'clientRequest.extensionServiceConfig.extensionServices'
const param = `${services}.0.serviceParam`
const avFileType = 'clientRequest.recordingFileConfig.avFileType'
const [recorder] = clientRequest.extensionServiceConfig.extensionServices
const staticKeysAt = (vendor: number): unknown => ({
  ...clientRequest.storageConfig,
  vendor,
  stsToken: undefined,
  stsExpiration: undefined,
})

describe('start', () => {
  const valid: [string, unknown][] = [
    ['uid', '1'],
    ['uid', '4294967295'],
    ['cname', 'é'.repeat(512)],
    ['clientRequest.recordingFileConfig', undefined],
    [avFileType, ['hls']],
    [avFileType, ['mp4', 'hls']],
    [`${storage}.fileNamePrefix`, undefined],
    [`${storage}.extensionParams`, { sse: 'kms', tag: 't' }],
    [storage, { ...(staticKeysAt(2) as object), extensionParams: { tag: 't' } }],
    [`${storage}.fileNamePrefix`, ['a'.repeat(63), 'b'.repeat(64)]],
    [storage, staticKeysAt(5)],
    [storage, { ...(staticKeysAt(11) as object), extensionParams: { endpoint: 's3.example.com' } }],
    [`${param}.videoWidth`, 1920],
    [`${param}.videoHeight`, 240],
    [`${param}.maxRecordingHour`, 720],
    [`${param}.videoFps`, 60],
    [`${param}.maxVideoDuration`, 30],
    [`${param}.readyTimeout`, 0],
    [`${param}.readyTimeout`, 60],
    [`${param}.readyTimeout`, null],
    ['clientRequest.token', 'rtc'],
    [services, [recorder]],
  ]
  test.each(valid)('accepts %s %j', (path, value) => {
    expect(wrongPaths(startRequestSchema, set(startRequest, path, value))).toEqual([])
  })

  const invalid: [string, unknown, at?: string][] = [
    ['uid', 1],
    ['uid', '0'],
    ['uid', '01'],
    ['uid', '4294967296'],
    ['uid', ' 7'],
    ['cname', ''],
    ['cname', 'é'.repeat(513)],
    ['mode', 'mixed'],
    ['resourceId', ''],
    [avFileType, ['mp4']],
    [avFileType, []],
    [avFileType, ['hls', 'hls']],
    [avFileType, ['hls', 'avi'], `${avFileType}.1`],
    [`${storage}.vendor`, 4],
    [`${storage}.vendor`, 11, `${storage}.extensionParams.endpoint`],
    [`${storage}.region`, -1],
    [`${storage}.bucket`, ''],
    [`${storage}.accessKey`, undefined],
    [`${storage}.secretKey`, 7],
    [`${storage}.extensionParams`, { sse: 'aes128' }, `${storage}.extensionParams.sse`],
    [
      storage,
      { ...(staticKeysAt(2) as object), extensionParams: { sse: 'kms' } },
      `${storage}.extensionParams.sse`,
    ],
    [
      storage,
      { ...(staticKeysAt(3) as object), extensionParams: { tag: 't' } },
      `${storage}.extensionParams.tag`,
    ],
    ['clientRequest.token', ''],
    [`${storage}.stsExpiration`, undefined],
    // In milliseconds.
    [`${storage}.stsExpiration`, 1_800_000_000_000],
    [`${storage}.fileNamePrefix`, ['a_b'], `${storage}.fileNamePrefix.0`],
    [`${storage}.fileNamePrefix`, ['a'.repeat(64), 'b'.repeat(64)]],
    [`${param}.url`, 'page.example.com'],
    [`${param}.url`, 'file:///etc/passwd'],
    [`${param}.audioProfile`, 3],
    [`${param}.videoWidth`, 239],
    [`${param}.videoWidth`, 1921],
    [`${param}.videoHeight`, 720.5],
    [`${param}.maxRecordingHour`, 0],
    [`${param}.maxRecordingHour`, 0.0333],
    [`${param}.maxRecordingHour`, 721],
    [`${param}.videoFps`, 4],
    [`${param}.videoFps`, 61],
    [`${param}.maxVideoDuration`, 29],
    [`${param}.maxVideoDuration`, 241],
    [`${param}.readyTimeout`, -1],
    [`${param}.readyTimeout`, 1.5],
    [`${param}.readyTimeout`, 61],
    [`${param}.VideoBitrate`, 2000],
    [services, [], services],
    [`${services}.1.serviceName`, 'unknown_service'],
    [`${services}.1.serviceParam.outputs.0.rtmpUrl`, 'http://live.example.com'],
    [`${services}.1.serviceParam.outputs`, [{ rtmpUrl: 'rtmp://a/b' }, { rtmpUrl: 'rtmp://a/c' }]],
  ]
  test.each(invalid)('refuses %s %j', (path, value, at = path) => {
    expect(wrongPaths(startRequestSchema, set(startRequest, path, value))).toContain(at)
  })

  test('refuses two recorders, and STS for a vendor without it', () => {
    expect(wrongPaths(startRequestSchema, set(startRequest, services, [recorder, recorder]))).toEqual([
      services,
    ])
    const azure = set(startRequest, `${storage}.vendor`, 5)
    expect(wrongPaths(startRequestSchema, azure)).toEqual([`${storage}.stsToken`])
  })

  test('accepts 1920 × 1080 in either orientation, and nothing larger', () => {
    const sized = (width: number, height: number): unknown =>
      set(set(startRequest, `${param}.videoWidth`, width), `${param}.videoHeight`, height)
    expect(wrongPaths(startRequestSchema, sized(1920, 1080))).toEqual([])
    expect(wrongPaths(startRequestSchema, sized(1080, 1920))).toEqual([])
    expect(wrongPaths(startRequestSchema, sized(1920, 1081))).toEqual([`${param}.videoHeight`])
    expect(wrongPaths(startRequestSchema, sized(1081, 1920))).toEqual([`${param}.videoHeight`])
  })

  test('one error names every invalid field', () => {
    const invalid = [
      ['uid', 'me'],
      [`${storage}.bucket`, undefined],
      [`${param}.url`, undefined],
      [`${param}.videoWidth`, 1900],
      [`${param}.videoHeight`, 1900],
    ] as const
    const request = invalid.reduce<unknown>((value, [path, to]) => set(value, path, to), startRequest)
    expect(wrongPaths(startRequestSchema, request).toSorted()).toEqual(
      ['uid', `${storage}.bucket`, `${param}.url`, `${param}.videoHeight`].toSorted(),
    )
  })
})

describe('acquire', () => {
  const withStart = set(acquireRequest, 'clientRequest.startParameter', clientRequest)
  const hours = (recording: number, resource: number | undefined): unknown =>
    set(
      set(
        withStart,
        'clientRequest.startParameter.extensionServiceConfig.extensionServices.0.serviceParam.maxRecordingHour',
        recording,
      ),
      'clientRequest.resourceExpiredHour',
      resource,
    )

  test('accepts a recording that outlives its resource', () => {
    expect(wrongPaths(acquireRequestSchema, hours(100, 100))).toEqual([])
    expect(wrongPaths(acquireRequestSchema, hours(73, undefined))).toEqual([])
    expect(wrongPaths(acquireRequestSchema, hours(3, 2))).toEqual([])
  })

  test.each([0, 1, 2, 3, 4])('accepts regionAffinity %i, alone and beside region', (regionAffinity) => {
    const settings = { scene: 1, regionAffinity }
    expect(wrongPaths(acquireRequestSchema, set(acquireRequest, 'clientRequest', settings))).toEqual([])
    const both = { ...settings, region: 'EU' }
    expect(wrongPaths(acquireRequestSchema, set(acquireRequest, 'clientRequest', both))).toEqual([])
  })

  const invalid: [string, unknown][] = [
    ['clientRequest.scene', 3],
    ['clientRequest.resourceExpiredHour', 0],
    ['clientRequest.resourceExpiredHour', 721],
    ['clientRequest.region', 'US'],
    ['clientRequest.regionAffinity', 5],
    ['clientRequest', undefined],
  ]
  test.each(invalid)('refuses %s %j', (path, value) => {
    expect(wrongPaths(acquireRequestSchema, set(acquireRequest, path, value))).toContain(path)
  })
})

describe('acquire for a channel', () => {
  const scene = 'clientRequest.scene'
  const acquire = (settings: unknown): unknown => ({ ...acquireRequest, clientRequest: settings })
  const wrongIn = (value: unknown): string[] => wrongPaths(acquireRequestSchema, value)

  test('scene 0 (default) accepts both modes, scene 2 postponed transcoding', () => {
    for (const startParameter of [undefined, individual, mix]) {
      expect(wrongIn(acquire({ scene: 0, startParameter }))).toEqual([])
      expect(wrongIn(acquire({ startParameter }))).toEqual([])
    }
    expect(wrongIn(acquire({ scene: 2, startParameter: postponed }))).toEqual([])
    expect(wrongIn(acquire({ scene: 2 }))).toEqual([])
  })

  test('refuses a scene that does not fit the start', () => {
    expect(wrongIn(acquire({ scene: 0, startParameter: postponed }))).toEqual([scene])
    expect(wrongIn(acquire({ scene: 2, startParameter: individual }))).toEqual([scene])
    const web = 'clientRequest.startParameter.extensionServiceConfig'
    expect(wrongIn(acquire({ scene: 0, startParameter: clientRequest }))).toContain(web)
    expect(wrongIn(acquire({ scene: 1, startParameter: mix }))).toContain(web)
  })

  test('names every invalid field of the start, in both modes', () => {
    const config = 'clientRequest.startParameter.recordingConfig'
    const invalid = { ...individual, recordingConfig: { ...individual.recordingConfig, maxIdleTime: 4 } }
    expect(wrongIn(acquire({ scene: 0, startParameter: invalid }))).toEqual([`${config}.maxIdleTime`])
    const picture = { ...mix, recordingConfig: { ...mix.recordingConfig, audioProfile: 3, Typo: 1 } }
    expect(wrongIn(acquire({ startParameter: picture })).toSorted()).toEqual([
      `${config}.Typo`,
      `${config}.audioProfile`,
    ])
  })
})

test('an update must change something', () => {
  const empty = set(updateRequest, 'clientRequest', {})
  expect(wrongPaths(updateRequestSchema, empty)).toEqual(['clientRequest'])
})

test('query and stop require a sid', () => {
  expect(wrongPaths(queryRequestSchema, { ...task, sid: '' })).toEqual(['sid'])
  expect(wrongPaths(stopRequestSchema, { ...stopRequest, sid: undefined })).toEqual(['sid'])
})
