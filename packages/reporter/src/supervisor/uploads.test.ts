import { describe, expect, test } from 'vitest'
import type { AttentionCode, Recording } from './recording.ts'
import type { TaskNotification } from './signal.ts'
import { rolling, type TrackedRecording } from './testing/trackedRecording.ts'
import { uploadStatusOf } from './uploads.ts'

type Fields = Partial<TaskNotification>

/** The code about files, and the attempts that it names. */
const attention = ({ attention }: Recording): [AttentionCode, number[]][] =>
  attention.map(({ code, attempts }) => [code, attempts])

const UPLOADER_ERROR: Fields = { module: 1, errorLevel: 4, code: 47 }

describe('what Agora notifies about uploads', () => {
  test.each<[string, number, Fields, string, string]>([
    ['1 of the uploader', 1, UPLOADER_ERROR, 'attempt.upload_failed', 'upload_failing'],
    [
      "1 of the service, with an upload's code",
      1,
      { module: 2, errorLevel: 4, code: 32 },
      'attempt.upload_failed',
      'upload_failing',
    ],
    ['30 with a status', 30, { status: 1 }, 'attempt.upload_failed', 'upload_failing'],
    ['31 with a status', 31, { status: 3 }, 'attempt.upload_failed', 'upload_failing'],
    ['32', 32, {}, 'attempt.backed_up', 'uploads_backuped'],
    ['34', 34, {}, 'attempt.upload_failed', 'upload_failing'],
  ])('event %s raises attention that says what to check', (_, eventType, fields, code, raised) => {
    const it = rolling().notification(eventType, fields)
    expect(it.codes).toEqual([code, 'attention.raised'])
    expect(attention(it.recording)).toEqual([[raised, [1]]])
    expect(it.recording.attention[0]?.message).toMatch(/Check the storage profile.* \(attempt 1\)\. /)
    expect(it.recording.attention[0]?.message).toContain(`event ${eventType}`)
    expect(it.state).toBe('rolling')
    expect(it.notification(eventType, fields).codes).toEqual([])
  })

  test.each<[string, number, Fields]>([
    ['1 of the recorder', 1, { module: 0, errorLevel: 4, code: 47 }],
    ['1 of the service, about something else', 1, { module: 2, errorLevel: 4, code: 1 }],
    ['1 of the uploader, which it retries', 1, { module: 1, errorLevel: 3, code: 47 }],
    ['2', 2, { module: 1 }],
    ['30', 30, { status: 0 }],
    ['33', 33, { progress: 5000 }],
    ['4', 4, {}],
  ])('event %s raises nothing', (_, eventType, fields) => {
    const it = rolling().notification(eventType, fields)
    expect(it.codes).toEqual([])
    expect(it.recording.attention).toEqual([])
  })

  test('a fatal error of the uploader (level 5) raises attention, and Agora is queried', () => {
    const it = rolling().notification(1, { ...UPLOADER_ERROR, errorLevel: 5 })
    expect(it.codes).toEqual(['attempt.upload_failed', 'attention.raised', 'agora.fatal_error'])
    expect(it.effectNames).toEqual(['query 1'])
  })

  test.each<[number, Fields, [AttentionCode, number[]][]]>([
    [4, { files: ['a1/class42.m3u8'] }, []],
    [33, { progress: 9_999 }, [['upload_failing', [1]]]],
    [33, { progress: 10_000 }, []],
    [31, { status: 0 }, []],
    [31, { status: 3 }, [['upload_failing', [1]]]],
    [32, {}, [['uploads_backuped', [1]]]],
  ])('after an error, event %i %j leaves the attention %j', (eventType, fields, left) => {
    const it = rolling().notification(1, UPLOADER_ERROR).notification(eventType, fields)
    expect(attention(it.recording)).toEqual(left)
  })

  test('reports from before the end that arrive after event 31 or 32 do not count', () => {
    const uploaded = rolling().notification(31, { status: 0 }).notification(1, UPLOADER_ERROR)
    expect(uploaded.recording.attention).toEqual([])
    const backedUp = rolling().notification(32).notification(33, { progress: 10_000 }).notification(34)
    expect(attention(backedUp.recording)).toEqual([['uploads_backuped', [1]]])
    expect(attention(backedUp.notification(31, { status: 0 }).recording)).toEqual([])
    expect(attention(backedUp.notification(32).recording)).toEqual([])
  })

  test('after a failover, the uploads of both sessions count', () => {
    const it = rolling().notification(12, { newUid: '77' })
    it.notification(31, { uid: '77', status: 0 }).notification(32, { uid: '900001' })
    expect(uploadStatusOf(it.attempt(1))).toBe('backed_up')
    expect(uploadStatusOf(it.notification(31, { uid: '900001', status: 0 }).attempt(1))).toBe('uploaded')
    const former = rolling().notification(12, { newUid: '77' }).notification(31, { uid: '900001', status: 0 })
    expect(uploadStatusOf(former.attempt(1))).toBe('unknown')
  })
})

describe('an attempt that has ended', () => {
  const replaced = (): TrackedRecording =>
    rolling().notification(71, { code: 6 }).acquired().started().confirmed().hello().loaded()

  test('keeps the attention of its files while the next one is well, and until they are uploaded', () => {
    const it = replaced().notification(32, { attempt: 1 }).notification(32)
    expect(attention(it.recording)).toEqual([['uploads_backuped', [1, 2]]])
    expect(it.notification(31, { attempt: 2, status: 0 }).codes).toEqual(['attempt.uploaded'])
    expect(attention(it.recording)).toEqual([['uploads_backuped', [1]]])
    expect(it.recording.attention[0]?.message).toContain('(attempt 1)')
    expect(it.notification(31, { attempt: 1, status: 0 }).codes).toEqual([
      'attempt.uploaded',
      'attention.cleared',
    ])
  })

  test('of a stopped recording raises and ends attention as before', () => {
    const it = rolling().stop().stopAnswers('stopped', 1)
    expect(it.state).toBe('stopped')
    it.notification(31, { status: 3 })
    expect(attention(it.recording)).toEqual([['upload_failing', [1]]])
    it.notification(32)
    expect(attention(it.recording)).toEqual([['uploads_backuped', [1]]])
    expect(attention(it.notification(31, { status: 0 }).recording)).toEqual([])
    expect(it.state).toBe('stopped')
    expect(it.deadlines).toEqual({})
  })
})

describe('the answer to a stop', () => {
  const stopped = (uploadingStatus: 'uploaded' | 'backuped' | 'unknown'): TrackedRecording =>
    rolling()
      .stop()
      .signal({ type: 'stopAnswered', attempt: 1, outcome: 'stopped', evidence: {}, uploadingStatus })

  test.each([
    ['uploaded', 'uploaded', []],
    ['backuped', 'backed_up', [['uploads_backuped', [1]]]],
    // The last files' upload begins with the stop.
    ['unknown', 'unknown', []],
  ] as const)('%s is kept', (uploadingStatus, status, raised) => {
    const it = stopped(uploadingStatus)
    expect(it.attempt(1)).toMatchObject({ state: 'ended', uploadingStatus })
    expect(uploadStatusOf(it.attempt(1))).toBe(status)
    expect(attention(it.recording)).toEqual(raised)
  })

  test('counts although event 71 was faster', () => {
    const it = rolling().stop().notification(71, { code: 0 })
    expect(it.state).toBe('stopped')
    it.signal({
      type: 'stopAnswered',
      attempt: 1,
      outcome: 'stopped',
      evidence: {},
      uploadingStatus: 'backuped',
      files: ['a1/class42.m3u8'],
    })
    expect(it.attempt(1)).toMatchObject({ uploadingStatus: 'backuped', files: ['a1/class42.m3u8'] })
    expect(attention(it.recording)).toEqual([['uploads_backuped', [1]]])
  })
})

test('a stop ends the attention of slow retries, and leaves that of uploads', () => {
  const it = rolling({ restart: { maxFailures: 0, delays: [0] } })
  it.notification(32).notification(71, { code: 6 })
  expect(it.recording.attention.map(({ code }) => code)).toEqual(['uploads_backuped', 'slow_retries'])
  it.stop()
  expect(it.state).toBe('stopped')
  expect(attention(it.recording)).toEqual([['uploads_backuped', [1]]])
  expect(it.recording.slowRetries).toBe(0)
})
