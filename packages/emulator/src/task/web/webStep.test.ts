import { describe, expect, test } from 'vitest'
import { firstSession } from '../task.ts'
import { webFiles } from './webFiles.ts'
import { webStep } from './webStep.ts'
import type { WebInput, WebTask } from './webTask.ts'

const NOW = Date.UTC(2026, 0, 1)
const DELAYS = { openDelayMs: 5000, exitDelayMs: 500, fileDelayMs: null }

const task = (changes: Partial<WebTask> = {}): WebTask => ({
  mode: 'web',
  serviceScene: 'web_record',
  sid: 'sid',
  resourceId: 'resource',
  cname: 'class42',
  uid: '1',
  url: 'http://127.0.0.1/',
  width: 1280,
  height: 720,
  mobile: false,
  readyTimeoutMs: 0,
  maxRecordingHour: 1,
  maxRecordingMs: 3_600_000,
  maxVideoMs: 7_200_000,
  filePrefix: [],
  mp4: false,
  audioProfile: 0,
  rtmpUrls: null,
  startedAt: NOW,
  expiresAt: NOW + 10 ** 9,
  state: 'recording',
  page: 'open',
  ready: false,
  reloads: 0,
  onhold: false,
  openedAt: NOW,
  recordingAt: NOW,
  maxRecordingAt: null,
  exitingAt: null,
  endedAt: null,
  stop: null,
  written: null,
  formerFiles: [],
  uploads: 'ok',
  uploadFailed: false,
  notFoundUntil: 0,
  sequence: 2,
  session: firstSession('1'),
  ...changes,
})

const OPENING = { state: 'opening', page: 'none', openedAt: null, recordingAt: null } as const

const after = (changes: Partial<WebTask>, input: WebInput) =>
  webStep(task(changes), input, { now: NOW, delays: DELAYS })

describe('a task', () => {
  test.each<[string, Partial<WebTask>, WebInput, Partial<WebTask>]>([
    [
      'opens its page after the open delay',
      { ...OPENING, state: 'starting' },
      { type: 'timerFired', timer: 'open' },
      { state: 'opening' },
    ],
    [
      'records as soon as its page is open',
      OPENING,
      { type: 'pageOpened' },
      { state: 'recording', recordingAt: NOW },
    ],
    [
      'waits for notifyReady if readyTimeout is set',
      { ...OPENING, readyTimeoutMs: 1 },
      { type: 'pageOpened' },
      { state: 'opening', page: 'open' },
    ],
    [
      'records a page that called notifyReady before it was open, as soon as it is open',
      { ...OPENING, readyTimeoutMs: 1, ready: true },
      { type: 'pageOpened' },
      { state: 'recording' },
    ],
    [
      'is paused if it was started with onhold',
      { ...OPENING, onhold: true },
      { type: 'pageOpened' },
      { state: 'paused', recordingAt: null },
    ],
    [
      'keeps the time at which recording began over a pause',
      { state: 'paused', recordingAt: NOW - 9 },
      { type: 'onholdRequested', onhold: false },
      { state: 'recording', recordingAt: NOW - 9 },
    ],
    [
      'keeps recording when its page crashes',
      {},
      { type: 'pageCrashed' },
      { state: 'recording', page: 'crashed' },
    ],
    [
      'reloads its page at the first ready timeout',
      { ...OPENING, readyTimeoutMs: 1 },
      { type: 'timerFired', timer: 'ready' },
      { state: 'opening', reloads: 1 },
    ],
    [
      'stops at the second ready timeout',
      { ...OPENING, readyTimeoutMs: 1, reloads: 1 },
      { type: 'timerFired', timer: 'ready' },
      {
        state: 'exiting',
        stop: {
          code: 4,
          message: 'page_load_timeout',
          details: 'the page did not call navigator.notifyReady() within 0.001 s, twice',
        },
      },
    ],
    [
      'ends after the upload',
      { state: 'exiting' },
      { type: 'timerFired', timer: 'exit' },
      { state: 'ended', endedAt: NOW },
    ],
  ])('%s', (_, before, input, expected) => expect(after(before, input).task).toMatchObject(expected))
})

describe('uploads', () => {
  const notified = ({ actions }: ReturnType<typeof after>) =>
    actions.flatMap((action) => (action.type === 'notify' ? [[action.event, action.details]] : []))

  test.each([
    ['failing', 'ok', [[1, { module: 1, errorLevel: 4, errorCode: 47 }]]],
    ['credentialsExpired', 'ok', [[34, {}]]],
    ['ok', 'failing', [[33, { progress: 10_000 }]]],
    ['backedUp', 'ok', []],
    ['noFiles', 'ok', []],
    ['failing', 'failing', []],
  ] as const)('that become %s after %s are notified as %j', (uploads, before, events) => {
    const changed = after({ uploads: before }, { type: 'uploadsChanged', uploads })
    expect(changed.task.uploads).toBe(uploads)
    expect(notified(changed)).toMatchObject(events)
  })

  test.each([
    ['ok', [31, { status: 0 }]],
    ['failing', [31, { status: 3 }]],
    ['credentialsExpired', [31, { status: 3 }]],
    ['backedUp', [32, { status: 0 }]],
    ['noFiles', null],
  ] as const)('that are %s end with %j', (uploads, event) => {
    const ended = after(
      { state: 'exiting', stop: { code: 0, message: 'ok', details: 'stopped by the user' }, uploads },
      { type: 'timerFired', timer: 'exit' },
    )
    expect(notified(ended)).toMatchObject([...(event ? [event] : []), [11, { exitStatus: 0 }]])
  })

  test('without files list none', () => {
    expect(webFiles(task(), NOW)).toHaveLength(1)
    expect(webFiles(task({ uploads: 'noFiles' }), NOW)).toEqual([])
  })
})

describe('a task whose files are written', () => {
  const File = { filename: 'sid_class42.m3u8', sliceStartTime: NOW }
  const Stopped = { code: 0, message: 'ok', details: 'stopped by the user' } as const
  const exiting = { state: 'exiting', stop: Stopped, written: [File] } as const

  /** The recorder's actions, the numbers of the notifications, and the timers that are started. */
  const actionsOf = (changes: Partial<WebTask>, input: WebInput) =>
    after(changes, input).actions.flatMap((action): (string | number)[] => {
      if (action.type === 'notify') return [action.event]
      if (action.type === 'startTimer') return [`timer ${action.timer}`]
      return /Recorder|Upload/.test(action.type) ? [action.type] : []
    })

  test.each<[string, Partial<WebTask>, WebInput, (string | number)[]]>([
    ['writes when it records', OPENING, { type: 'pageOpened' }, ['timer maxRecording', 'startRecorder', 70]],
    [
      'does not while paused',
      { ...OPENING, onhold: true },
      { type: 'pageOpened' },
      ['timer maxRecording', 70],
    ],
    [
      'writes when it is resumed',
      { state: 'paused' },
      { type: 'onholdRequested', onhold: false },
      ['startRecorder'],
    ],
    ['and not when paused', {}, { type: 'onholdRequested', onhold: true }, ['pauseRecorder']],
    ['completes its files before event 71', {}, { type: 'stopRequested', code: 0 }, ['finishRecorder']],
    ['and so at maxRecordingHour', {}, { type: 'timerFired', timer: 'maxRecording' }, ['finishRecorder']],
    ['uploads the last ones after it', exiting, { type: 'recorderFinished' }, [71, 'finishUpload']],
    ['and then exits', exiting, { type: 'uploadEnded' }, ['timer exit']],
    [
      'leaves them incomplete after a failure',
      {},
      { type: 'stopRequested', code: 6 },
      ['abortRecorder', 71, 'timer exit'],
    ],
    [
      'has none to complete before it records',
      OPENING,
      { type: 'stopRequested', code: 0 },
      ['abortRecorder', 71, 'timer exit'],
    ],
    [
      'ends with code 6 if its recorder does',
      {},
      { type: 'recorderFailed', detail: 'ffmpeg ended' },
      ['abortRecorder', 71, 'timer exit'],
    ],
    [
      'ends with code 6 if its recorder fails while it completes them',
      exiting,
      { type: 'recorderFailed', detail: 'ffmpeg ended' },
      [71, 'timer exit'],
    ],
    [
      'and says so once',
      { ...exiting, stop: { code: 6, message: 'recorder_error', details: 'ffmpeg ended' } },
      { type: 'recorderFailed', detail: 'late' },
      [],
    ],
    [
      'uploads nothing while the command holds',
      {},
      { type: 'uploadsChanged', uploads: 'failing' },
      [1, 'holdUpload'],
    ],
    ['says that the upload has begun', {}, { type: 'uploadStarted' }, [30]],
    ['says how far it is', {}, { type: 'uploadProgress', progress: 5000 }, [33]],
    ['says that it fails', {}, { type: 'uploadFailed', errorCode: 32, detail: 'refused' }, [1]],
    ['says that it succeeds again', { uploadFailed: true }, { type: 'uploadRecovered' }, [33]],
  ])('%s', (_, changes, input, expected) =>
    expect(actionsOf({ written: [], ...changes }, input)).toEqual(expected),
  )

  test('lists the files that were written, also one that is completed while it exits', () => {
    expect(webFiles(task({ written: [] }), NOW)).toEqual([])
    const added = after(exiting, {
      type: 'fileWritten',
      file: { ...File, filename: 'sid_class42_0.mp4' },
    }).task
    expect(webFiles(added, NOW).map(({ filename }) => filename)).toEqual([
      'sid_class42.m3u8',
      'sid_class42_0.mp4',
    ])
    const { actions } = after(added, { type: 'recorderFinished' })
    expect(actions).toContainEqual(
      expect.objectContaining({
        event: 71,
        details: { msgName: 'web_recorder_stopped', ...Stopped, fileList: added.written },
      }),
    )
  })

  test('a recorder that fails while it completes them makes the stop a failure, without an upload', () => {
    const failed = after(exiting, { type: 'recorderFailed', detail: 'ffmpeg ended' })
    const stop = { code: 6, message: 'recorder_error', details: 'ffmpeg ended' }
    expect(failed.task.stop).toEqual(stop)
    expect(failed.actions).toContainEqual(
      expect.objectContaining({ event: 71, details: expect.objectContaining({ ...stop, fileList: [File] }) }),
    )
    expect(failed.actions).toContainEqual({
      type: 'log',
      message: 'the files were not completed, code 6 recorder_error: ffmpeg ended',
    })
    expect(actionsOf(failed.task, { type: 'timerFired', timer: 'exit' })).toEqual([11])
  })

  test.each<[string, Partial<WebTask>, unknown[]]>([
    ['are in the bucket', {}, [31, 11]],
    ['the bucket refused', { uploadFailed: true }, [32, 11]],
    ['were never written', { written: [] }, [11]],
    ['fail by command, whatever the bucket says', { uploads: 'failing', uploadFailed: true }, [31, 11]],
  ])('the end of a task whose files %s', (_, changes, events) =>
    expect(actionsOf({ ...exiting, ...changes }, { type: 'timerFired', timer: 'exit' })).toEqual(events),
  )
})

describe('an input that comes too late changes nothing', () => {
  const late: WebInput[] = [
    { type: 'pageLoading' },
    { type: 'pageOpened' },
    { type: 'notifyReady' },
    { type: 'accessFailed', detail: 'late' },
    { type: 'engineFailed', detail: 'late' },
    { type: 'pageCrashed' },
    { type: 'browserDied' },
    { type: 'timerFired', timer: 'ready' },
    { type: 'timerFired', timer: 'maxRecording' },
    { type: 'onholdRequested', onhold: true },
    { type: 'stopRequested', code: 6 },
    { type: 'limitExceeded', limitType: 'WebGL' },
    { type: 'uploadsChanged', uploads: 'failing' },
  ]
  test.each(late)('$type, while the task is exiting and after it has ended', (input) => {
    for (const state of ['exiting', 'ended'] as const) {
      const before = task({ state, stop: { code: 0, message: 'ok', details: 'stopped by the user' } })
      expect(webStep(before, input, { now: NOW, delays: DELAYS })).toEqual({ task: before, actions: [] })
    }
  })

  test('a second notifyReady, and a second crash', () => {
    expect(after({ ready: true }, { type: 'notifyReady' }).actions).toEqual([])
    expect(after({ page: 'crashed' }, { type: 'pageCrashed' }).actions).toEqual([])
  })
})
