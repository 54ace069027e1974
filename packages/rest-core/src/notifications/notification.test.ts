import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stopCodeName } from './codes.ts'
import { EVENTS } from './events.ts'
import { isTestMessage, NotificationError, parseNotification, safeParseNotification } from './notification.ts'

const message = (eventType: unknown, details: unknown, payload: object = {}): Record<string, unknown> => ({
  noticeId: 'notice1',
  productId: 3,
  eventType,
  notifyMs: 1_700_000_000_500,
  payload: {
    cname: 'class42',
    uid: '900001',
    sid: 'sid1',
    sequence: 4,
    sendts: 1_700_000_000_000,
    serviceType: 6,
    details,
    ...payload,
  },
})

const file = {
  fileName: 'a.m3u8',
  trackType: 'audio_and_video',
  uid: '0',
  mixedAllUser: true,
  isPlayable: true,
}
const wireFile = { ...file, uid: 0, sliceStartTime: 1_619_170_461_821 }
const ourFile = { ...file, sliceStartTimeMs: 1_619_170_461_821 }
const failure = { module: 1, errorLevel: 5, errorCode: 47, stat: 1, errorMsg: 'upload failed' }
const slice = { startUtcMs: 17, discontinueUtcMs: 16, mixedAllUser: false, trackType: 'audio' }
const stored = { vendor: 1, region: 0, bucket: 'b', fileName: 'a.m3u8;b.ts' }

const known: [number, string, unknown, unknown][] = [
  [1, 'cloud_recording_error', failure, failure],
  [1, 'cloud_recording_error', { ...failure, module: '6' }, { ...failure, module: 6 }],
  [2, 'cloud_recording_warning', { module: 1, warnCode: 31 }, { module: 1, warnCode: 31 }],
  [
    3,
    'cloud_recording_status_update',
    { status: 5, recordingMode: 1, fileList: 'a.m3u8' },
    { status: 5, recordingMode: 1, fileList: [{ fileName: 'a.m3u8' }] },
  ],
  [4, 'cloud_recording_file_infos', { fileList: 'a.m3u8' }, { fileList: [{ fileName: 'a.m3u8' }] }],
  [
    11,
    'session_exit',
    { msgName: 'session_exit', exitStatus: 1 },
    { msgName: 'session_exit', exitStatus: 1 },
  ],
  [12, 'session_failover', { newUid: 123 }, { newUid: '123' }],
  [13, 'high_availability_registered', { msgName: 'x' }, { msgName: 'x' }],
  [30, 'uploader_started', { status: 0 }, { status: 0 }],
  [31, 'uploaded', { status: 0, fileList: 'a.m3u8' }, { status: 0, fileList: [{ fileName: 'a.m3u8' }] }],
  [31, 'uploaded', { status: 0 }, { status: 0, fileList: [] }],
  [32, 'backuped', { status: 0, fileList: [wireFile] }, { status: 0, fileList: [ourFile] }],
  [33, 'uploading_progress', { progress: 10_000 }, { progress: 10_000 }],
  [40, 'recorder_started', { status: 0 }, { status: 0 }],
  [41, 'recorder_leave', { leaveCode: 6 }, { leaveCode: 6 }],
  [42, 'recorder_slice_start', { ...slice, streamUid: 0 }, { ...slice, streamUid: '0' }],
  [
    43,
    'recorder_audio_stream_state_changed',
    { streamUid: '7', state: 1, UtcMs: 17 },
    { streamUid: '7', state: 1, UtcMs: 17 },
  ],
  [
    44,
    'recorder_video_stream_state_changed',
    { streamUid: 7, state: 0, UtcMs: 17 },
    { streamUid: '7', state: 0, UtcMs: 17 },
  ],
  [45, 'recorder_snapshot_file', { fileName: 'p/a.jpg' }, { fileName: 'p/a.jpg' }],
  [60, 'vod_started', { aliVodInfo: { videoId: 'v', new: 1 } }, { aliVodInfo: { videoId: 'v', new: 1 } }],
  [60, 'vod_started', { aliVodInfo: 'v' }, { aliVodInfo: undefined }],
  [61, 'vod_triggered', {}, {}],
  [70, 'web_recorder_started', { recorderStartTime: 17 }, { recorderStartTime: 17 }],
  [
    71,
    'web_recorder_stopped',
    { code: 6, message: 'm', fileList: [{ filename: 'a', sliceStartTime: 1_700_000_000_000 }] },
    { code: 6, message: 'm', fileList: [{ fileName: 'a', sliceStartTimeMs: 1_700_000_000_000 }] },
  ],
  [72, 'web_recorder_capability_limit', { limitType: 'WebGL' }, { limitType: 'WebGL' }],
  [73, 'web_recorder_reload', { reason: 'audio_silence' }, { reason: 'audio_silence' }],
  [80, 'transcoder_started', {}, {}],
  [
    81,
    'transcoder_completed',
    { result: 'partial_success', uids: [{ uid: 7, result: 'fail', fileList: [{ fileName: 'a.mp4' }] }] },
    { result: 'partial_success', uids: [{ uid: '7', result: 'fail', fileList: [{ fileName: 'a.mp4' }] }] },
  ],
  [90, 'download_failed', stored, stored],
  [
    100,
    'rtmp_publish_status',
    { rtmpUrl: 'rtmp://live.example.com/a', status: 'publishing' },
    { rtmpUrl: 'rtmp://live.example.com/a', status: 'publishing' },
  ],
  [
    1001,
    'postpone_transcode_final_result',
    { result: 'total_success', fileList: [{ fileName: 'a.mp4' }] },
    { result: 'total_success', fileList: [{ fileName: 'a.mp4' }] },
  ],
]

test('every event of the reference is known', () => {
  const below70 = [1, 2, 3, 4, 11, 12, 13, 30, 31, 32, 33, 40, 41, 42, 43, 44, 45, 60, 61]
  expect([...EVENTS.keys()]).toEqual([...below70, 70, 71, 72, 73, 80, 81, 90, 100, 1001])
  expect([...new Set(known.map(([eventType]) => eventType))]).toEqual([...EVENTS.keys()])
})

describe('known events', () => {
  test.each(known)('%i %s', (eventType, name, details, expected) => {
    const notification = parseNotification(message(eventType, details))
    expect(notification).toEqual({ ...message(eventType, expected), name })
  })

  test('may have a numeric uid and undocumented fields', () => {
    const notification = parseNotification(message(40, { new: 1 }, { uid: 900001, region: 'EU' }))
    expect(notification.payload).toMatchObject({ uid: '900001', region: 'EU', details: { new: 1 } })
  })

  test('are discriminated by name', () => {
    const notification = parseNotification(message(71, { code: 4 }))
    if (notification.name !== 'web_recorder_stopped') throw new Error('it is event 71')
    expect(stopCodeName(notification.payload.details.code)).toBe('page_load_timeout')
  })
})

test('unknown events keep everything', () => {
  const wire = message(4711, { anything: ['goes'] })
  expect(parseNotification(wire)).toEqual({ ...wire, name: 'other' })
  const bare = { noticeId: 'n', eventType: 10, productId: 1, payload: { a: '1', b: 2 } }
  expect(parseNotification(bare)).toEqual({ ...bare, name: 'other', payload: { a: '1', b: 2, details: {} } })
})

describe('a value that is no notification is refused', () => {
  const invalid: [string, unknown, string][] = [
    ['nothing', undefined, 'value'],
    ['a list', [], 'value'],
    ['no noticeId', { eventType: 71, payload: {} }, 'noticeId'],
    ['no eventType', { noticeId: 'n', payload: {} }, 'eventType'],
    ['eventType as text', message('71', {}), 'eventType'],
    ['no payload', { noticeId: 'n', eventType: 4711 }, 'payload'],
    ['no sid', message(71, { code: 0 }, { sid: undefined }), 'payload.sid'],
    ['event 71 without code', message(71, { message: 'm' }), 'payload.details.code'],
    ['event 12 without newUid', message(12, {}), 'payload.details.newUid'],
    ['event 11 without details', message(11, undefined), 'payload.details'],
  ]
  test.each(invalid)('%s', (_, value, path) => {
    const parsed = safeParseNotification(value)
    if (parsed.success) throw new Error('it was accepted')
    expect(parsed.error.message).toContain(path)
    expect(() => parseNotification(value)).toThrow(NotificationError)
  })
})

test("the console's test message is recognised, whatever its event", () => {
  const check = message(71, {}, { cname: 'test_webhook', uid: '12121212', sid: undefined })
  expect(isTestMessage(check)).toBe(true)
  const notification = parseNotification(check)
  expect(notification.name).toBe('other')
  expect(isTestMessage(notification)).toBe(true)
  expect(isTestMessage(message(71, { code: 0 }))).toBe(false)
  expect(isTestMessage(undefined)).toBe(false)
})

test('details may be empty, except for the events 11, 12 and 71', () => {
  const [needed, all] = [new Set([11, 12, 71]), [...EVENTS.keys()]]
  for (const eventType of all.filter((each) => !needed.has(each))) {
    const { name, payload } = parseNotification(message(eventType, {}))
    expect([name, payload.sid]).toEqual([expect.not.stringMatching('other'), 'sid1'])
  }
})

describe('any JSON value', () => {
  const types = fc.oneof(fc.constantFrom(...EVENTS.keys()), fc.integer())
  const odd = { depthSize: 'medium' } as const
  const field = fc.constantFrom(
    'code',
    'newUid',
    'exitStatus',
    'fileList',
    'uids',
    'status',
    'aliVodInfo',
    'uid',
  )
  const details = fc.oneof(odd, fc.dictionary(field, fc.jsonValue()), fc.jsonValue())

  test('is read or refused without an exception', () => {
    const payload = fc.oneof(
      odd,
      fc.record({ cname: fc.jsonValue(), uid: fc.jsonValue(), sid: fc.jsonValue() }),
    )
    const value = fc.record({ noticeId: fc.string(), eventType: types, payload, notifyMs: fc.jsonValue() })
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), value), (any) => {
        const parsed = safeParseNotification(any)
        expect(parsed.success || parsed.error instanceof NotificationError).toBe(true)
      }),
      { numRuns: 1000 },
    )
    fc.assert(
      fc.property(types, details, (eventType, any) => {
        expect(typeof safeParseNotification(message(eventType, any)).success).toBe('boolean')
      }),
      { numRuns: 1000 },
    )
  })

  test('keeps its unknown fields at every level', () => {
    const name = fc.string().map((text) => `new_${text}`)
    const unknown = fc.dictionary(name, fc.jsonValue(), { noNullPrototype: true })
    const needed = { code: 0, exitStatus: 0, newUid: '7' }
    fc.assert(
      fc.property(types, unknown, unknown, unknown, (eventType, top, payload, inner) => {
        const wire = { ...top, ...message(eventType, { ...inner, ...needed }, payload) }
        const notification = parseNotification(wire)
        expect(notification).toMatchObject(top)
        expect(notification.payload).toMatchObject(payload)
        expect(notification.payload.details).toMatchObject(inner)
      }),
    )
  })
})
