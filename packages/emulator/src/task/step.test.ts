import { describe, expect, test } from 'vitest'
import { step } from './step.ts'
import type { Task, TaskInput } from './task.ts'
import { taskFiles } from './taskFiles.ts'

const NOW = Date.UTC(2026, 0, 1)
const DELAYS = { openDelayMs: 5000, exitDelayMs: 500 }

const task = (changes: Partial<Task> = {}): Task => ({
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
  exitingAt: null,
  endedAt: null,
  stop: null,
  uploads: 'ok',
  notFoundUntil: 0,
  sequence: 2,
  ...changes,
})

const OPENING = { state: 'opening', page: 'none', openedAt: null, recordingAt: null } as const

const after = (changes: Partial<Task>, input: TaskInput) =>
  step(task(changes), input, { now: NOW, delays: DELAYS })

describe('a task', () => {
  test.each<[string, Partial<Task>, TaskInput, Partial<Task>]>([
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
      { state: 'exiting', stop: { code: 4, message: 'page_load_timeout' } },
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
      { state: 'exiting', stop: { code: 0, message: 'ok' }, uploads },
      { type: 'timerFired', timer: 'exit' },
    )
    expect(notified(ended)).toMatchObject([...(event ? [event] : []), [11, { exitStatus: 0 }]])
  })

  test('without files list none', () => {
    expect(taskFiles(task(), NOW)).toHaveLength(1)
    expect(taskFiles(task({ uploads: 'noFiles' }), NOW)).toEqual([])
  })
})

describe('an input that comes too late changes nothing', () => {
  const late: TaskInput[] = [
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
      const before = task({ state, stop: { code: 0, message: 'ok' } })
      expect(step(before, input, { now: NOW, delays: DELAYS })).toEqual({ task: before, actions: [] })
    }
  })

  test('a second notifyReady, and a second crash', () => {
    expect(after({ ready: true }, { type: 'notifyReady' }).actions).toEqual([])
    expect(after({ page: 'crashed' }, { type: 'pageCrashed' }).actions).toEqual([])
  })
})
