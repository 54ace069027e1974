import { describe, expect, test } from 'vitest'
import { stopCodeName } from './events.ts'
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

const known: [number, string, unknown, unknown][] = [
  [
    11,
    'session_exit',
    { msgName: 'session_exit', exitStatus: 1 },
    { msgName: 'session_exit', exitStatus: 1 },
  ],
  [12, 'session_failover', { newUid: 123 }, { newUid: '123' }],
  [31, 'uploaded', { status: 0, fileList: 'a.m3u8' }, { status: 0, fileList: [{ fileName: 'a.m3u8' }] }],
  [40, 'recorder_started', { status: 0 }, { status: 0 }],
  [70, 'web_recorder_started', { recorderStartTime: 17 }, { recorderStartTime: 17 }],
  [
    71,
    'web_recorder_stopped',
    { code: 6, message: 'm', fileList: [{ filename: 'a', sliceStartTime: 1_700_000_000_000 }] },
    { code: 6, message: 'm', fileList: [{ fileName: 'a', sliceStartTimeMs: 1_700_000_000_000 }] },
  ],
  [72, 'web_recorder_capability_limit', { limitType: 'WebGL' }, { limitType: 'WebGL' }],
  [73, 'web_recorder_reload', { reason: 'audio_silence' }, { reason: 'audio_silence' }],
]

describe('known events', () => {
  test.each(known)('%i %s', (eventType, name, details, expected) => {
    const notification = parseNotification(message(eventType, details))
    expect(notification).toEqual({ ...message(eventType, expected), name })
  })

  test('uid as a number, fields nobody knows', () => {
    const notification = parseNotification(message(40, { new: 1 }, { uid: 900001, region: 'EU' }))
    expect(notification.payload).toMatchObject({ uid: '900001', region: 'EU', details: { new: 1 } })
  })

  test('are told apart by name', () => {
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

describe('what is no notification', () => {
  const wrong: [string, unknown, string][] = [
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
  test.each(wrong)('%s', (_, value, path) => {
    const parsed = safeParseNotification(value)
    if (parsed.success) throw new Error('it was taken')
    expect(parsed.error.message).toContain(path)
    expect(() => parseNotification(value)).toThrow(NotificationError)
  })
})

test("the console's check message is one, whatever its event", () => {
  const check = message(71, {}, { cname: 'test_webhook', uid: '12121212', sid: undefined })
  expect(isTestMessage(check)).toBe(true)
  const notification = parseNotification(check)
  expect(notification.name).toBe('other')
  expect(isTestMessage(notification)).toBe(true)
  expect(isTestMessage(message(71, { code: 0 }))).toBe(false)
  expect(isTestMessage(undefined)).toBe(false)
})

test('an event that says enough by its type may lack its details', () => {
  for (const eventType of [31, 40, 70, 72, 73]) {
    const { name, payload } = parseNotification(message(eventType, {}))
    expect([name, payload.sid]).toEqual([expect.not.stringMatching('other'), 'sid1'])
  }
})

test('stop codes', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7].map(stopCodeName)).toEqual([
    'ok',
    'max_recording_hour',
    'capability_limit',
    'start_engine_failed',
    'page_load_timeout',
    'access_url_failed',
    'recorder_error',
    undefined,
  ])
})
