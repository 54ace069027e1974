import { describe, expect, test } from 'vitest'
import { step } from './step.ts'
import type { Task, TaskInput } from './task.ts'

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
  notFoundUntil: 0,
  sequence: 2,
  ...changes,
})

const OPENING = { state: 'opening', page: 'none', openedAt: null, recordingAt: null } as const

const after = (changes: Partial<Task>, happening: TaskInput) => step(task(changes), happening, NOW, DELAYS)

describe('what becomes of a task', () => {
  test.each<[string, Partial<Task>, TaskInput, Partial<Task>]>([
    [
      'opens its page after the delay',
      { ...OPENING, state: 'starting' },
      { is: 'due', timer: 'open' },
      { state: 'opening' },
    ],
    [
      'records once the page is open',
      OPENING,
      { is: 'pageOpened' },
      { state: 'recording', recordingAt: NOW },
    ],
    [
      'waits for a page that has to be ready',
      { ...OPENING, readyTimeoutMs: 1 },
      { is: 'pageOpened' },
      { state: 'opening', page: 'open' },
    ],
    [
      'records an early ready page once open',
      { ...OPENING, readyTimeoutMs: 1, ready: true },
      { is: 'pageOpened' },
      { state: 'recording' },
    ],
    ['holds', { ...OPENING, onhold: true }, { is: 'pageOpened' }, { state: 'paused', recordingAt: null }],
    [
      'keeps the start of its recording over a hold',
      { state: 'paused', recordingAt: NOW - 9 },
      { is: 'holdAsked', onhold: false },
      { state: 'recording', recordingAt: NOW - 9 },
    ],
    ['goes on when the page crashes', {}, { is: 'pageCrashed' }, { state: 'recording', page: 'crashed' }],
    [
      'reloads at the first miss',
      { ...OPENING, readyTimeoutMs: 1 },
      { is: 'due', timer: 'ready' },
      { state: 'opening', reloads: 1 },
    ],
    [
      'stops at the second',
      { ...OPENING, readyTimeoutMs: 1, reloads: 1 },
      { is: 'due', timer: 'ready' },
      { state: 'exiting', stop: { code: 4, message: 'page_load_timeout' } },
    ],
    [
      'ends after the upload',
      { state: 'exiting' },
      { is: 'due', timer: 'exit' },
      { state: 'ended', endedAt: NOW },
    ],
  ])('%s', (_, before, happening, expected) => expect(after(before, happening).task).toMatchObject(expected))
})

describe('what comes too late changes nothing', () => {
  const Late: TaskInput[] = [
    { is: 'pageLoading' },
    { is: 'pageOpened' },
    { is: 'notifyReady' },
    { is: 'accessFailed', detail: 'late' },
    { is: 'engineFailed', detail: 'late' },
    { is: 'pageCrashed' },
    { is: 'browserDied' },
    { is: 'due', timer: 'ready' },
    { is: 'due', timer: 'hours' },
    { is: 'holdAsked', onhold: true },
    { is: 'stopAsked', code: 6 },
    { is: 'limitExceeded', limitType: 'WebGL' },
  ]
  test.each(Late)('$is, while exiting and after the end', (happening) => {
    for (const state of ['exiting', 'ended'] as const) {
      const before = task({ state, stop: { code: 0, message: 'ok' } })
      expect(step(before, happening, NOW, DELAYS)).toEqual({ task: before, effects: [] })
    }
  })

  test('a second notifyReady, and a second crash', () => {
    expect(after({ ready: true }, { is: 'notifyReady' }).effects).toEqual([])
    expect(after({ page: 'crashed' }, { is: 'pageCrashed' }).effects).toEqual([])
  })
})
