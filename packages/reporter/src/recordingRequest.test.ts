import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { fieldErrors } from './fieldErrors.ts'
import { recordingRequestSchema, storedRequestSchema } from './recordingRequest.ts'
import { parseLeniently } from './store/parseLeniently.ts'

const PAGE = { url: 'https://page.test/' }
const MIX = { kind: 'channel', mode: 'mix', channel: 'lesson-7', recordingConfig: { channelType: 1 } }
const INDIVIDUAL = { ...MIX, mode: 'individual' }

const mistakes = (body: unknown, schema: z.ZodType = recordingRequestSchema): string[] => {
  const { error } = schema.safeParse(body)
  return error ? fieldErrors(error).map(({ path, message }) => `${path} ${message}`) : []
}

describe('the kind', () => {
  test('is page if none is named, and that is the same request as one that names it', () => {
    const request = recordingRequestSchema.parse(PAGE)
    expect(request.kind).toBe('page')
    expect(recordingRequestSchema.parse({ ...PAGE, kind: 'page' })).toEqual(request)
    expect(storedRequestSchema.parse(JSON.parse(JSON.stringify(request)))).toEqual(request)
  })

  test('and the mode are named in the error if they are unknown', () => {
    expect(mistakes({ ...PAGE, kind: 'meeting' })).toEqual(['kind must be "page" or "channel"'])
    expect(mistakes({ ...MIX, mode: 'web' })).toEqual(['mode must be "mix" or "individual"'])
    expect(mistakes('page')).toEqual([' must be an object'])
  })

  test('decides which fields are known', () => {
    expect(mistakes({ ...MIX, url: PAGE.url })).toEqual(['url is not a known field'])
    expect(mistakes({ ...PAGE, channel: 'lesson-7' })).toEqual(['channel is not a known field'])
    expect(mistakes({ ...MIX, snapshotConfig: { fileType: ['jpg'] } })).toEqual([
      'snapshotConfig is not a known field',
    ])
  })

  test('decides which fields the policy may have', () => {
    expect(mistakes({ ...PAGE, policy: { onIdleExit: 'wait', requireHa: true, queryInterval: 60 } })).toEqual(
      [
        'policy.onIdleExit is only for recordings of a channel',
        'policy.requireHa is only for recordings of a channel',
      ],
    )
    expect(mistakes({ ...MIX, policy: { loadTimeout: 90, fence: false, requireHa: true } })).toEqual([
      'policy.loadTimeout is only for recordings of a page',
      'policy.fence is only for recordings of a page',
    ])
  })
})

describe('a request for a channel', () => {
  test('has defaults', () => {
    expect(recordingRequestSchema.parse(MIX)).toEqual({
      ...MIX,
      recordingConfig: { channelType: 1, maxIdleTime: 300 },
      resourceExpiredHour: 72,
      storage: 'default',
      startAhead: 0,
      standby: false,
      labels: {},
      metadata: {},
    })
  })

  test.each<[string, object]>([
    ['mix', { ...MIX, recordingFileConfig: { avFileType: ['hls', 'mp4'] } }],
    ['mix with a layout', { ...MIX, recordingConfig: { channelType: 0, transcodingConfig: { width: 640 } } }],
    ['individual', { ...INDIVIDUAL, recordingFileConfig: { avFileType: ['hls'] } }],
    ['snapshots', { ...INDIVIDUAL, snapshotConfig: { captureInterval: 5, fileType: ['jpg'] } }],
    ['uids of its own', { ...MIX, uidRange: { from: 1, to: 1_000_000 } }],
    ['a token address', { ...MIX, tokenUrl: 'https://app.example.com/agora/token' }],
    ['a token address of this network', { ...MIX, tokenUrl: 'http://tokens.internal:8080/' }],
    ['a name with every character', { ...MIX, channel: ' !#$%&()+-:;<=.>?@[]^_{}|~,aZ9' }],
  ])('may have %s', (_what, body) => {
    expect(mistakes(body)).toEqual([])
  })

  test.each<[string, object, string[]]>([
    ['no channel', { ...MIX, channel: undefined }, ['channel is required']],
    ['a long name', { ...MIX, channel: 'x'.repeat(64) }, ['channel must have at most 63 bytes']],
    [
      'a name of other characters',
      { ...MIX, channel: 'naïve' },
      ['channel has characters that the name of a channel cannot have'],
    ],
    [
      'mp4 in individual mode',
      { ...INDIVIDUAL, recordingFileConfig: { avFileType: ['hls', 'mp4'] } },
      ['recordingFileConfig.avFileType must be ["hls"] in individual mode'],
    ],
    [
      'what the reporter sets itself',
      { ...MIX, token: 'x', storageConfig: {} },
      ['token is not a known field', 'storageConfig is not a known field'],
    ],
    [
      'misspelt settings',
      { ...MIX, recordingConfig: { channelType: 1, maxIdle: 5 } },
      ['recordingConfig.maxIdle is not a known field'],
    ],
    [
      'settings of the other mode',
      { ...INDIVIDUAL, recordingConfig: { channelType: 1, transcodingConfig: {} } },
      ['recordingConfig.transcodingConfig is not a known field'],
    ],
    [
      'settings that exclude each other',
      { ...MIX, recordingConfig: { channelType: 1, transcodingConfig: { mixedVideoLayout: 3 } } },
      ['recordingConfig.transcodingConfig.layoutConfig must be set if and only if mixedVideoLayout is 3'],
    ],
    [
      'snapshots without video',
      {
        ...INDIVIDUAL,
        recordingConfig: { channelType: 1, streamTypes: 0 },
        snapshotConfig: { fileType: ['jpg'] },
      },
      ['snapshotConfig needs video: streamTypes must be 1 or 2'],
    ],
    [
      'a range the wrong way round',
      { ...MIX, uidRange: { from: 5, to: 4 } },
      ['uidRange.to must not be less than from'],
    ],
    ['long expiry', { ...MIX, resourceExpiredHour: 721 }, ['resourceExpiredHour must be at most 720']],
  ])('has no %s', (_what, body, errors) => {
    expect(mistakes(body)).toEqual(errors)
  })

  test.each([
    'http://app.example.com/token',
    'https://user:pass@app.example.com/token',
    'https://app.example.com/token?key=1',
    'ftp://app.example.com/',
    'token',
  ])('has no token address like %s', (tokenUrl) => {
    expect(mistakes({ ...MIX, tokenUrl })).toEqual([expect.stringMatching(/^tokenUrl must be an https URL/)])
  })

  const Keys = { secret: 'SECRET', salt: 'SALT' }
  test('has no encryption keys, which are given out by its tokenUrl', () => {
    const message =
      'must not be set, because the reporter stores no keys: the answer of tokenUrl has secret and salt'
    expect(mistakes({ ...MIX, recordingConfig: { channelType: 1, decryptionMode: 7, ...Keys } })).toEqual([
      `recordingConfig.secret ${message}`,
      `recordingConfig.salt ${message}`,
    ])
    const encrypted = { ...MIX, recordingConfig: { channelType: 1, decryptionMode: 7 } }
    expect(mistakes(encrypted)).toEqual([
      'recordingConfig.decryptionMode needs a tokenUrl: its answer has the secret, and the salt, of each attempt',
    ])
    expect(mistakes({ ...encrypted, tokenUrl: 'https://app.example.com/' })).toEqual([])
  })
})

describe('a stored request', () => {
  const Changes = {
    layout: { mixedVideoLayout: 1 },
    subscription: { audioUidList: { subscribeAudioUids: ['1'] } },
  }

  test('has what was changed since, which a request to start cannot have', () => {
    const stored = { ...MIX, changes: Changes }
    expect(storedRequestSchema.parse(stored)).toMatchObject(stored)
    expect(mistakes(stored)).toEqual(['changes is not a known field'])
  })

  test('is read without what only a newer version knows', () => {
    const stored = { ...MIX, captions: true, recordingConfig: { channelType: 1, hologram: 2 } }
    expect(parseLeniently(storedRequestSchema, stored).data).toEqual(recordingRequestSchema.parse(MIX))
  })
})
