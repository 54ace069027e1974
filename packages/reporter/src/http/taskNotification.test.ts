import { parseNotification, type RecordingNotification } from '@stillrolling/rest-core'
import { expect, test } from 'vitest'
import { createHarness, notification } from '../testing/harness.ts'
import { taskNotification } from './taskNotification.ts'

const fileList = [{ fileName: 'sid1_class42.m3u8' }]

/** Every event that Agora documents, with its documented details. */
const DOCUMENTED: [number, Record<string, unknown>][] = [
  [1, { module: 1, errorLevel: 5, errorCode: 47, stat: 1, errorMsg: 'upload failed' }],
  [2, { module: 1, warnCode: 31 }],
  [3, { status: 5, recordingMode: 1, fileList }],
  [4, { fileList: 'sid1_class42.m3u8' }],
  [11, { exitStatus: 1 }],
  [12, { newUid: 123 }],
  [13, {}],
  [30, { status: 0 }],
  [31, { status: 0, fileList }],
  [32, { status: 0, fileList }],
  [33, { progress: 10_000 }],
  [34, {}],
  [40, { status: 0 }],
  [41, { leaveCode: 6 }],
  [42, { startUtcMs: 17, discontinueUtcMs: 16, mixedAllUser: false, streamUid: '7', trackType: 'audio' }],
  [43, { streamUid: '7', state: 1, UtcMs: 17 }],
  [44, { streamUid: '7', state: 0, UtcMs: 17 }],
  [45, { fileName: 'p/a.jpg' }],
  [60, { aliVodInfo: { videoId: 'v' } }],
  [61, {}],
  [70, { recorderStartTime: 17 }],
  [71, { code: 6, message: 'm', details: 'd', fileList }],
  [72, { limitType: 'WebGL' }],
  [73, { reason: 'audio_silence' }],
  [80, {}],
  [81, { result: 'partial_success', uids: [{ uid: 7, result: 'fail', fileList }] }],
  [90, { vendor: 1, region: 0, bucket: 'b', fileName: 'a.m3u8;b.ts' }],
  [100, { rtmpUrl: 'rtmp://live.example.com/a', status: 'publishing' }],
  [1001, { result: 'total_success', fileList }],
]

test.each(DOCUMENTED)('event %i is accepted with its documented details', async (eventType, details) => {
  const harness = await createHarness()
  await harness.rolling()
  const response = await harness.notify(notification({ eventType, details }))
  expect(response.status).toBe(200)
  expect((await harness.dump()).notifications).toHaveLength(1)
})

test.each(DOCUMENTED)('event %i is accepted with details of other types', async (eventType, details) => {
  const harness = await createHarness()
  await harness.rolling()
  for (const [sequence, value] of ['text', 4.5, null, [{}], { a: 1 }].entries()) {
    const odd = Object.fromEntries(Object.keys(details).map((field) => [field, value]))
    const noticeId = `notice-${sequence}`
    const response = await harness.notify(notification({ eventType, details: odd, noticeId }, { sequence }))
    expect(response.status).toBe(200)
  }
})

test.each([
  [12, { newUid: 123 }, { newUid: '123' }],
  [41, { leaveCode: 6 }, { leaveCode: 6 }],
  [43, { streamUid: 7, state: 1 }, { streamUid: '7', state: 1 }],
  [44, { streamUid: '7', state: 0 }, { streamUid: '7', state: 0 }],
  [33, { progress: 10_000 }, { progress: 10_000 }],
])('event %i passes on %j', (eventType, details, expected) => {
  const parsed = parseNotification(notification({ eventType, details })) as RecordingNotification
  expect(taskNotification(parsed, 'sid1')).toMatchObject({ eventType, sid: 'sid1', ...expected })
})
