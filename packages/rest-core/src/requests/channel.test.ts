import { describe, expect, test } from 'vitest'
import { individual, mix, postponed } from '../testing/channelExamples.ts'
import { set, wrongPaths } from '../testing/fields.ts'
import { individualStartRequestSchema } from './individual.ts'
import { mixStartRequestSchema } from './mix.ts'

const uids = (length: number): string[] => Array.from({ length }, (_, index) => String(index + 1))
const config = 'recordingConfig'
const salt = (bytes: number): string => Buffer.alloc(bytes, 7).toString('base64')

type Right = [field: string, value: unknown]
type Wrong = [field: string, value: unknown, at?: string]

/** Valid in both modes, with both ends of each range. */
const validInBoth: Right[] = [
  ['channelType', 0],
  ['channelType', 1],
  ['maxIdleTime', 5],
  ['maxIdleTime', 2_592_000],
  ['maxIdleTime', undefined],
  ['streamTypes', 2],
  ['streamTypes', undefined],
  ['videoStreamType', 0],
  ['videoStreamType', 1],
  ['privateParams', undefined],
  ['salt', salt(32)],
]

const invalidInBoth: Wrong[] = [
  ['channelType', 2],
  ['channelType', undefined],
  ['maxIdleTime', 4],
  ['maxIdleTime', 2_592_001],
  ['maxIdleTime', 30.5],
  ['maxIdleTime', '300'],
  ['streamTypes', 3],
  ['streamTypes', -1],
  ['videoStreamType', 2],
  ['privateParams', {}],
  ['decryptionMode', 9],
  ['decryptionMode', -1],
  // These contradict the example's secret and salt.
  ['decryptionMode', 0, 'secret'],
  ['decryptionMode', undefined, 'secret'],
  ['decryptionMode', 6, 'salt'],
  ['secret', undefined],
  ['secret', ''],
  ['salt', undefined],
  ['salt', salt(31)],
  ['salt', salt(33)],
  ['salt', 'x'.repeat(44)],
  ['MaxIdleTime', 30],
]

const modes = [
  { mode: 'individual', schema: individualStartRequestSchema, request: individual },
  { mode: 'mix', schema: mixStartRequestSchema, request: mix },
] as const

describe.each(modes)('$mode', ({ schema, request }) => {
  test('the example is valid', () => expect(wrongPaths(schema, request)).toEqual([]))

  test.each(validInBoth)('accepts %s %j', (field, value) => {
    expect(wrongPaths(schema, set(request, `${config}.${field}`, value))).toEqual([])
  })

  test.each(invalidInBoth)('refuses %s %j', (field, value, at = field) => {
    expect(wrongPaths(schema, set(request, `${config}.${field}`, value))).toContain(`${config}.${at}`)
  })

  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    'accepts decryptionMode %i with its secret and salt',
    (decryptionMode) => {
      const needed = {
        decryptionMode,
        secret: decryptionMode === 0 ? undefined : 'key',
        salt: decryptionMode < 7 ? undefined : salt(32),
      }
      const changed = set(request, config, { ...request.recordingConfig, ...needed })
      expect(wrongPaths(schema, changed)).toEqual([])
    },
  )

  test('requires storageConfig and recordingConfig, but no token', () => {
    expect(wrongPaths(schema, set(request, 'storageConfig', undefined))).toEqual(['storageConfig'])
    expect(wrongPaths(schema, set(request, config, undefined))).toEqual([config])
    expect(wrongPaths(schema, set(request, 'token', undefined))).toEqual([])
    expect(wrongPaths(schema, set(request, 'token', ''))).toEqual(['token'])
    expect(wrongPaths(schema, set(request, 'extensionServiceConfig', {}))).toEqual(['extensionServiceConfig'])
  })
})

describe('fields of one mode only', () => {
  const invalid: [string, (typeof modes)[number], unknown][] = [
    [`${config}.transcodingConfig`, modes[0], {}],
    [`${config}.audioProfile`, modes[0], 0],
    [`${config}.streamMode`, modes[1], 'default'],
    ['snapshotConfig', modes[1], { fileType: ['jpg'] }],
    ['appsCollection', modes[1], {}],
    ['transcodeOptions', modes[1], {}],
  ]
  test.each(invalid)('refuses %s in the other mode', (path, { schema, request }, value) => {
    expect(wrongPaths(schema, set(request, path, value))).toContain(path)
  })
})

describe('subscription lists', () => {
  const none = {
    ...mix.recordingConfig,
    unsubscribeAudioUids: undefined,
    unSubscribeVideoUids: undefined,
  }
  const wrongIn = (lists: object): string[] =>
    wrongPaths(mixStartRequestSchema, set(mix, config, { ...none, ...lists })).map((path) =>
      path.slice(config.length + 1),
    )

  const valid: object[] = [
    {},
    { subscribeAudioUids: uids(32) },
    { unsubscribeVideoUids: uids(32) },
    { subscribeAudioUids: ['#allstream#'], subscribeVideoUids: ['1'] },
    { subscribeAudioUids: ['1'], unsubscribeVideoUids: ['2'] },
    { unSubscribeAudioUids: ['1'], unSubscribeVideoUids: [] },
    { streamTypes: 0, subscribeAudioUids: ['1'] },
    { streamTypes: 1, unsubscribeVideoUids: ['1'] },
  ]
  test.each(valid)('accepts %j', (lists) => expect(wrongIn(lists)).toEqual([]))

  const invalid: [object, string][] = [
    [{ subscribeAudioUids: uids(33) }, 'subscribeAudioUids'],
    [{ unsubscribeAudioUids: uids(33) }, 'unsubscribeAudioUids'],
    [{ subscribeVideoUids: uids(33) }, 'subscribeVideoUids'],
    [{ unsubscribeVideoUids: uids(33) }, 'unsubscribeVideoUids'],
    [{ unSubscribeVideoUids: uids(33) }, 'unSubscribeVideoUids'],
    [{ subscribeAudioUids: ['0'] }, 'subscribeAudioUids.0'],
    [{ subscribeAudioUids: ['1', 2] }, 'subscribeAudioUids.1'],
    [{ subscribeVideoUids: ['#allstream#', '1'] }, 'subscribeVideoUids'],
    [{ unsubscribeVideoUids: ['#allstream#'] }, 'unsubscribeVideoUids.0'],
    [{ subscribeAudioUids: ['1'], unsubscribeAudioUids: ['2'] }, 'unsubscribeAudioUids'],
    [{ subscribeAudioUids: ['1'], unSubscribeAudioUids: ['2'] }, 'unsubscribeAudioUids'],
    [{ subscribeVideoUids: ['1'], unsubscribeVideoUids: ['2'] }, 'unsubscribeVideoUids'],
    [{ unsubscribeVideoUids: ['1'], unSubscribeVideoUids: ['2'] }, 'unsubscribeVideoUids'],
    [{ streamTypes: 0, subscribeVideoUids: ['1'] }, 'streamTypes'],
    [{ streamTypes: 1, unSubscribeAudioUids: ['1'] }, 'streamTypes'],
  ]
  test.each(invalid)('refuses %j', (lists, at) => expect(wrongIn(lists)).toEqual([at]))
})

describe('individual mode', () => {
  const valid: Right[] = [
    [`${config}.subscribeUidGroup`, 0],
    [`${config}.subscribeUidGroup`, 5],
    [`${config}.subscribeUidGroup`, undefined],
    [`${config}.streamMode`, 'default'],
    [`${config}.streamMode`, undefined],
    // Screenshots only, files only, and the defaults of both.
    ['recordingFileConfig', undefined],
    ['snapshotConfig', undefined],
    ['snapshotConfig.captureInterval', 1],
    ['snapshotConfig.captureInterval', 3600],
    ['snapshotConfig.captureInterval', undefined],
    ['appsCollection', { combinationPolicy: 'default' }],
    ['appsCollection', {}],
  ]
  test.each(valid)('accepts %s %j', (path, value) => {
    expect(wrongPaths(individualStartRequestSchema, set(individual, path, value))).toEqual([])
  })

  const invalid: Wrong[] = [
    [`${config}.subscribeUidGroup`, -1],
    [`${config}.subscribeUidGroup`, 6],
    [`${config}.streamMode`, 'raw'],
    [`${config}.streamMode`, 'original'],
    [`${config}.streamTypes`, 0, 'snapshotConfig'],
    [`${config}.subscribeVideoUids`, undefined],
    ['recordingFileConfig.avFileType', ['hls', 'mp4']],
    ['recordingFileConfig.avFileType', []],
    ['snapshotConfig.captureInterval', 0],
    ['snapshotConfig.captureInterval', 3601],
    ['snapshotConfig.fileType', ['png'], 'snapshotConfig.fileType.0'],
    ['snapshotConfig.fileType', []],
    ['snapshotConfig.fileType', undefined],
    ['appsCollection', { combinationPolicy: 'later' }, 'appsCollection.combinationPolicy'],
    ['appsCollection', { combinationPolicy: 'postpone_transcoding' }, 'transcodeOptions'],
  ]
  test.each(invalid)('refuses %s %j', (path, value, at = path) => {
    expect(wrongPaths(individualStartRequestSchema, set(individual, path, value))).toContain(at)
  })
})

describe('postponed transcoding', () => {
  const options = 'transcodeOptions'
  const later = { transConfig: { transMode: 'postponeTranscoding' } }
  const valid: Right[] = [
    [options, postponed.transcodeOptions],
    [options, { transConfig: { transMode: 'audioMix' } }],
    [options, later],
    [options, { ...later, container: { format: 'mp4' } }],
    [`${options}.container.format`, 'aac'],
    [`${options}.audio`, {}],
  ]
  test.each(valid)('accepts %s %j', (path, value) => {
    expect(wrongPaths(individualStartRequestSchema, set(postponed, path, value))).toEqual([])
  })

  const invalid: Wrong[] = [
    [options, undefined],
    [options, {}, `${options}.transConfig`],
    [`${options}.transConfig.transMode`, 'mix'],
    [`${options}.container.format`, 'mp4'],
    [`${options}.audio.sampleRate`, 48_000],
    [`${options}.audio.bitrate`, '64000'],
    [`${options}.audio.channels`, '3'],
    [options, { ...later, container: { format: 'mp3' } }, `${options}.container.format`],
    [options, { ...later, audio: {} }, `${options}.audio`],
    ['appsCollection', undefined, options],
  ]
  test.each(invalid)('refuses %s %j', (path, value, at = path) => {
    expect(wrongPaths(individualStartRequestSchema, set(postponed, path, value))).toContain(at)
  })
})

describe('composite mode', () => {
  const picture = `${config}.transcodingConfig`
  const region = `${picture}.layoutConfig.0`
  const valid: Right[] = [
    [`${config}.audioProfile`, 0],
    [picture, undefined],
    [picture, {}],
    [picture, { width: 1080, height: 1920 }],
    [picture, { width: 1, height: 1 }],
    ...[1, 7, 10, 15, 24, 30, 60].map((fps): Right => [`${picture}.fps`, fps]),
    [`${picture}.bitrate`, 1],
    [picture, { mixedVideoLayout: 2, maxResolutionUid: '4294967295' }],
    [`${picture}.layoutConfig`, Array(17).fill(mix.recordingConfig.transcodingConfig?.layoutConfig?.[0])],
    ['recordingFileConfig', undefined],
    ['recordingFileConfig.avFileType', ['hls']],
  ]
  test.each(valid)('accepts %s %j', (path, value) => {
    expect(wrongPaths(mixStartRequestSchema, set(mix, path, value))).toEqual([])
  })

  const invalid: Wrong[] = [
    [`${config}.audioProfile`, 3],
    [`${picture}.width`, 0],
    [`${picture}.width`, 1921],
    [`${picture}.height`, 1921],
    [`${picture}.height`, 1081],
    [picture, { height: 1920, width: 1081 }, `${picture}.height`],
    [`${picture}.fps`, 20],
    [`${picture}.bitrate`, 0],
    [`${picture}.bitrate`, 6501],
    [`${picture}.mixedVideoLayout`, 4],
    [`${picture}.mixedVideoLayout`, 1, `${picture}.layoutConfig`],
    [`${picture}.layoutConfig`, undefined],
    [`${picture}.layoutConfig`, []],
    [`${picture}.layoutConfig`, Array(18).fill(mix.recordingConfig.transcodingConfig?.layoutConfig?.[0])],
    [`${picture}.maxResolutionUid`, '0'],
    [`${picture}.backgroundColor`, 'red'],
    [`${picture}.backgroundColor`, '#FFF'],
    [`${picture}.backgroundImage`, 'ftp://images.example.com/a.jpg'],
    [`${picture}.defaultUserBackgroundImage`, 'a.jpg'],
    [`${picture}.backgroundConfig.0.uid`, undefined],
    [`${picture}.backgroundConfig.0.image_url`, 'a.jpg'],
    [`${picture}.backgroundConfig.0.render_mode`, 2],
    [`${region}.x_axis`, -0.1],
    [`${region}.x_axis`, 1.1],
    [`${region}.y_axis`, undefined],
    [`${region}.width`, 1.000001],
    [`${region}.height`, -1],
    [`${region}.alpha`, 1.1],
    [`${region}.render_mode`, 2],
    [`${region}.uid`, 1],
    ['recordingFileConfig.avFileType', ['mp4']],
  ]
  test.each(invalid)('refuses %s %j', (path, value, at = path) => {
    expect(wrongPaths(mixStartRequestSchema, set(mix, path, value))).toContain(at)
  })
})
