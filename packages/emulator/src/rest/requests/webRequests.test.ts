import { describe, expect, test } from 'vitest'
import { startRequest } from '../../testing/client.ts'
import { checkAcquire } from './acquireRequest.ts'
import { checkWebStart } from './webRequests.ts'

const NOW = Date.UTC(2026, 0, 1)
const hoursAhead = (hours: number) => NOW / 1000 + hours * 3600

const detail = (checked: { ok: boolean; detail?: string }) => (checked.ok ? null : checked.detail)

const acquire = (changes: object, clientRequest: object = {}) =>
  detail(
    checkAcquire({ cname: 'class42', uid: '1', clientRequest: { scene: 1, ...clientRequest }, ...changes }),
  )

const start = (changes: Parameters<typeof startRequest>[0]) =>
  detail(checkWebStart({ cname: 'class42', uid: '1', clientRequest: startRequest(changes) }, NOW))

describe('acquire', () => {
  test.each([
    ['cname of 1024 bytes', { cname: 'é'.repeat(512) }],
    ['the smallest uid', { uid: '1' }],
    ['the largest uid', { uid: '4294967295' }],
    ['an empty clientRequest', { clientRequest: {} }],
    [
      'a clientRequest with every field',
      { clientRequest: { scene: 1, resourceExpiredHour: 720, region: 'EU', excludeResourceIds: ['r'] } },
    ],
    ['unknown fields', { clientRequest: { regionAffinity: 1 }, more: true }],
  ])('accepts %s', (_, changes) => expect(acquire(changes)).toBeNull())

  test.each([
    ['cname', { cname: '' }],
    ['cname', { cname: 'é'.repeat(513) }],
    ['cname', { cname: 42 }],
    ['uid', { uid: 1 }],
    ['uid', { uid: '0' }],
    ['uid', { uid: '01' }],
    ['uid', { uid: '-1' }],
    ['uid', { uid: '1.5' }],
    ['uid', { uid: '4294967296' }],
    ['clientRequest', { clientRequest: undefined }],
    ['clientRequest.scene', { clientRequest: { scene: 3 } }],
    ['clientRequest.resourceExpiredHour', { clientRequest: { resourceExpiredHour: 0 } }],
    ['clientRequest.resourceExpiredHour', { clientRequest: { resourceExpiredHour: 721 } }],
    ['clientRequest.region', { clientRequest: { region: 'eu' } }],
    ['clientRequest.excludeResourceIds', { clientRequest: { excludeResourceIds: 'r' } }],
    ['clientRequest.startParameter', { clientRequest: { startParameter: 'x' } }],
  ])('names %s: %j', (field, changes) => expect(acquire(changes)).toMatch(new RegExp(`^${field} `)))
})

const recorder = 'clientRequest.extensionServiceConfig.extensionServices[0].serviceParam'
const services = (extensionServices: unknown) => ({ extensionServiceConfig: { extensionServices } })
const rtmp = (outputs: unknown) => ({ serviceName: 'rtmp_publish_service', serviceParam: { outputs } })
const web = {
  serviceName: 'web_recorder_service',
  serviceParam: {
    url: 'https://a.example',
    audioProfile: 0,
    videoWidth: 240,
    videoHeight: 240,
    maxRecordingHour: 1,
  },
}

describe('start', () => {
  test.each([
    ['the largest picture', { web: { videoWidth: 1920, videoHeight: 1080 } }],
    ['a portrait picture', { web: { videoWidth: 1080, videoHeight: 1920 } }],
    [
      'the largest values',
      {
        web: {
          videoFps: 60,
          maxVideoDuration: 240,
          readyTimeout: 60,
          maxRecordingHour: 720,
          audioProfile: 2,
        },
      },
    ],
    [
      'the smallest values',
      { web: { videoFps: 5, maxVideoDuration: 30, readyTimeout: 0, maxRecordingHour: 1, audioProfile: 0 } },
    ],
    ['readyTimeout null', { web: { readyTimeout: null } }],
    ['hls alone', { request: { recordingFileConfig: { avFileType: ['hls'] } } }],
    ['no recordingFileConfig', { request: { recordingFileConfig: undefined } }],
    [
      'S3-compatible storage',
      { storage: { vendor: 11, extensionParams: { endpoint: 'https://s3.example' } } },
    ],
    ['STS for 4 hours', { storage: { stsToken: 't', stsExpiration: hoursAhead(4) } }],
    ['a prefix of 128 characters', { storage: { fileNamePrefix: ['a'.repeat(64), 'b'.repeat(63)] } }],
    ['an rtmp output', { request: services([web, rtmp([{ rtmpUrl: 'rtmp://live.example/x' }])]) }],
  ])('accepts %s', (_, changes) => expect(start(changes)).toBeNull())

  test.each([
    [`${recorder}.url`, { web: { url: 'not a url' } }],
    [`${recorder}.url`, { web: { url: 'file:///etc/passwd' } }],
    [`${recorder}.url`, { web: { url: undefined } }],
    [`${recorder}.audioProfile`, { web: { audioProfile: 3 } }],
    [`${recorder}.audioProfile`, { web: { audioProfile: undefined } }],
    [`${recorder}.videoWidth`, { web: { videoWidth: 239 } }],
    [`${recorder}.videoWidth`, { web: { videoWidth: 1921 } }],
    [`${recorder}.videoWidth times videoHeight`, { web: { videoWidth: 1920, videoHeight: 1081 } }],
    [`${recorder}.videoHeight`, { web: { videoHeight: 720.5 } }],
    [`${recorder}.maxRecordingHour`, { web: { maxRecordingHour: 0 } }],
    [`${recorder}.maxRecordingHour`, { web: { maxRecordingHour: 0.5 } }],
    [`${recorder}.maxRecordingHour`, { web: { maxRecordingHour: 721 } }],
    [`${recorder}.videoFps`, { web: { videoFps: 4 } }],
    [`${recorder}.videoFps`, { web: { videoFps: 61 } }],
    [`${recorder}.mobile`, { web: { mobile: 'yes' } }],
    [`${recorder}.maxVideoDuration`, { web: { maxVideoDuration: 29 } }],
    [`${recorder}.maxVideoDuration`, { web: { maxVideoDuration: 241 } }],
    [`${recorder}.onhold`, { web: { onhold: 0 } }],
    [`${recorder}.readyTimeout`, { web: { readyTimeout: -1 } }],
    [`${recorder}.readyTimeout`, { web: { readyTimeout: 1.5 } }],
    [`${recorder}.readyTimeout`, { web: { readyTimeout: 61 } }],
    [
      'clientRequest.recordingFileConfig.avFileType',
      { request: { recordingFileConfig: { avFileType: ['mp4'] } } },
    ],
    [
      'clientRequest.recordingFileConfig.avFileType',
      { request: { recordingFileConfig: { avFileType: [] } } },
    ],
    [
      'clientRequest.recordingFileConfig.avFileType',
      { request: { recordingFileConfig: { avFileType: ['hls', 'hls'] } } },
    ],
    ['clientRequest.storageConfig', { request: { storageConfig: undefined } }],
    ['clientRequest.storageConfig.vendor', { storage: { vendor: 4 } }],
    ['clientRequest.storageConfig.bucket', { storage: { bucket: '' } }],
    ['clientRequest.storageConfig.secretKey', { storage: { secretKey: undefined } }],
    ['clientRequest.storageConfig.fileNamePrefix[0]', { storage: { fileNamePrefix: ['a-b'] } }],
    [
      'clientRequest.storageConfig.fileNamePrefix',
      { storage: { fileNamePrefix: ['a'.repeat(64), 'b'.repeat(64)] } },
    ],
    ['clientRequest.storageConfig.extensionParams.endpoint', { storage: { vendor: 11 } }],
    ['clientRequest.storageConfig.stsExpiration', { storage: { stsToken: 't' } }],
    [
      'clientRequest.storageConfig.stsExpiration',
      { storage: { stsToken: 't', stsExpiration: hoursAhead(3.9) } },
    ],
    [
      'clientRequest.storageConfig.stsToken',
      { storage: { vendor: 5, stsToken: 't', stsExpiration: hoursAhead(5) } },
    ],
    ['clientRequest.extensionServiceConfig', { request: { extensionServiceConfig: undefined } }],
    ['clientRequest.extensionServiceConfig.extensionServices', { request: services([]) }],
    ['clientRequest.extensionServiceConfig.extensionServices', { request: services([web, web]) }],
    [
      'clientRequest.extensionServiceConfig.extensionServices[0].serviceName',
      { request: services([{ serviceName: 'x' }]) },
    ],
    [
      'clientRequest.extensionServiceConfig.extensionServices[1].serviceParam.outputs',
      { request: services([web, rtmp([])]) },
    ],
  ])('names %s: %j', (field, changes) =>
    expect(start(changes)?.startsWith(`${field} `), `${start(changes)}`).toBe(true),
  )

  test('names every field that is not valid', () => {
    expect(start({ web: { videoFps: 1, audioProfile: 9 } })?.split('; ')).toHaveLength(2)
  })
})
