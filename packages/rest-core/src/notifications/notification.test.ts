import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lostValues } from '../testing/lostValues.ts'
import { stopCodeName } from './codes.ts'
import { EVENTS } from './events.ts'
import { isTestMessage, NotificationError, parseNotification, safeParseNotification } from './notification.ts'

const message = (
  eventType: unknown,
  details: unknown,
  payload: object = {},
  envelope: object = {},
): Record<string, unknown> => ({
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
  ...envelope,
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
    { exitStatus: 1, extra: { msgName: 'session_exit' } },
  ],
  [12, 'session_failover', { newUid: 123 }, { newUid: '123' }],
  [13, 'high_availability_registered', { msgName: 'x' }, { extra: { msgName: 'x' } }],
  [30, 'uploader_started', { status: 0 }, { status: 0 }],
  [31, 'uploaded', { status: 0, fileList: 'a.m3u8' }, { status: 0, fileList: [{ fileName: 'a.m3u8' }] }],
  [31, 'uploaded', { status: 0 }, { status: 0, fileList: [] }],
  [32, 'backuped', { status: 0, fileList: [wireFile] }, { status: 0, fileList: [ourFile] }],
  [33, 'uploading_progress', { progress: 10_000 }, { progress: 10_000 }],
  [34, 'sts_token_expired', {}, {}],
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
  [
    60,
    'vod_started',
    { aliVodInfo: { videoId: 'v', new: 1 } },
    { aliVodInfo: { videoId: 'v', extra: { new: 1 } } },
  ],
  [60, 'vod_started', { aliVodInfo: 'v' }, { extra: { aliVodInfo: 'v' } }],
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
  const below70 = [1, 2, 3, 4, 11, 12, 13, 30, 31, 32, 33, 34, 40, 41, 42, 43, 44, 45, 60, 61]
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
    expect(notification.payload).toMatchObject({
      uid: '900001',
      extra: { region: 'EU' },
      details: { extra: { new: 1 } },
    })
  })

  test('are discriminated by name', () => {
    const notification = parseNotification(message(71, { code: 4 }))
    if (notification.name !== 'web_recorder_stopped') throw new Error('it is event 71')
    expect(stopCodeName(notification.payload.details.code)).toBe('page_load_timeout')
  })
})

test('unknown events keep everything', () => {
  const wire = message(4711, { anything: ['goes'] })
  expect(parseNotification(wire)).toEqual({
    ...message(4711, { extra: { anything: ['goes'] } }),
    name: 'other',
  })
})

describe('of another product', () => {
  const player = { channelName: 'class32', id: '2a78', name: 'teacher101', status: 'running', uid: 101 }
  const products: [string, number, unknown][] = [
    ['RTC', 1, { channelName: 'class32', uid: 12_121_212, clientSeq: 1, platform: 1, ts: 17, reason: 1 }],
    ['Media Pull', 4, { lts: 17, player, fields: 'player.name,player.status', xRequestId: '7bbc' }],
    ['Media Push', 5, { lts: 17, converter: { id: '4c01', state: 'connecting' }, destroyReason: 'x' }],
    ['without a payload', 5, undefined],
  ]
  // Its numbers mean something else: 1 and 3 are also events of Cloud Recording.
  test.each(products)('%s is recognised, and kept as it came', (_, productId, payload) => {
    for (const eventType of [1, 3, 71, 103]) {
      const wire = { noticeId: 'n', productId, eventType, notifyMs: 17, payload }
      expect(parseNotification(wire)).toEqual({ ...wire, name: 'otherProduct' })
    }
  })

  test('is recognised by a number in text, too', () => {
    const wire = { noticeId: 'n', productId: '4', eventType: '3', payload: { player } }
    expect(parseNotification(wire)).toMatchObject({ name: 'otherProduct', productId: 4, eventType: 3 })
  })

  test('is not what has no productId', () => {
    expect(parseNotification(message(71, { code: 6 }, {}, { productId: undefined }))).toMatchObject({
      name: 'web_recorder_stopped',
    })
  })
})

describe('in another form than documented', () => {
  const oddForms: [string, Record<string, unknown>, object][] = [
    [
      'event 71 without code',
      message(71, { message: 'm' }),
      { name: 'web_recorder_stopped', payload: { sid: 'sid1', details: { message: 'm' } } },
    ],
    [
      'event 71 with an object for text, and a code in text',
      message(71, { code: '6', message: { text: 'm' }, details: ['d'] }),
      { payload: { details: { code: 6, extra: { message: { text: 'm' }, details: ['d'] } } } },
    ],
    [
      'event 71 whose code is no number',
      message(71, { code: 'six' }),
      { name: 'web_recorder_stopped', payload: { details: { extra: { code: 'six' } } } },
    ],
    [
      'event 11 without exitStatus',
      message(11, {}),
      { name: 'session_exit', payload: { sid: 'sid1', details: {} } },
    ],
    ['event 12 without newUid', message(12, {}), { name: 'session_failover', payload: { details: {} } }],
    [
      'details that are no object',
      message(70, 'started'),
      { name: 'web_recorder_started', payload: { details: {}, extra: { details: 'started' } } },
    ],
    ['no details', message(11, undefined), { name: 'session_exit', payload: { details: {} } }],
    [
      'every number in text',
      message('71', { code: '4' }, { sequence: '4', sendts: '17', serviceType: '6' }, { productId: '3' }),
      {
        name: 'web_recorder_stopped',
        productId: 3,
        eventType: 71,
        payload: { sequence: 4, sendts: 17, serviceType: 6, details: { code: 4 } },
      },
    ],
    [
      'notificationId',
      message(71, {}, {}, { noticeId: undefined, notificationId: 'older' }),
      { noticeId: 'older', name: 'web_recorder_stopped' },
    ],
    ['no id at all', message(71, {}, {}, { noticeId: undefined }), { name: 'web_recorder_stopped' }],
    ['no uid', message(71, { code: 4 }, { uid: undefined }), { payload: { sid: 'sid1', cname: 'class42' } }],
    ['no sid', message(71, { code: 4 }, { sid: '' }), { payload: { uid: '900001', extra: { sid: '' } } }],
    [
      'no payload',
      { noticeId: 'n', eventType: 71 },
      { name: 'web_recorder_stopped', payload: { details: {} } },
    ],
    [
      'files that are none',
      message(71, { fileList: [{ filename: 'a' }, 'b.mp4', { size: 3 }, 7] }),
      {
        payload: {
          details: {
            fileList: [{ fileName: 'a' }, { fileName: 'b.mp4' }],
            extra: { fileList: [{ size: 3 }, 7] },
          },
        },
      },
    ],
    [
      'a serviceScene',
      message(70, {}, { serviceScene: 'web_record' }),
      { payload: { serviceScene: 'web_record' } },
    ],
  ]
  test.each(oddForms)('%s is accepted', (_, wire, expected) => {
    expect(parseNotification(wire)).toMatchObject(expected)
  })
})

describe('a value that is no notification is refused', () => {
  const invalid: [string, unknown, string][] = [
    ['nothing', undefined, 'value'],
    ['a list', [], 'value'],
    ['text', 'hello', 'value'],
    ['no eventType', { noticeId: 'n', payload: {} }, 'eventType'],
    ['an eventType that is no number', message('stopped', {}), 'eventType'],
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

test('the details of every event may be empty', () => {
  for (const eventType of EVENTS.keys()) {
    expect(parseNotification(message(eventType, {}))).toMatchObject({
      name: expect.not.stringMatching('other'),
      payload: { sid: 'sid1' },
    })
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

  test('loses no value', () => {
    const payload = fc.dictionary(fc.constantFrom('cname', 'uid', 'sid', 'sequence', 'new'), fc.jsonValue())
    const fields = fc.record({
      eventType: types,
      details,
      payload,
      envelope: fc.dictionary(fc.string(), fc.jsonValue()),
    })
    fc.assert(
      fc.property(fields, ({ eventType, details, payload, envelope }) => {
        const wire = { ...envelope, ...message(eventType, details, payload) }
        expect(lostValues(wire, parseNotification(wire))).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})
