import { describe, expect, test } from 'vitest'
import type { PolicyInput } from './policy.ts'
import { type Conditions, rolling, type TrackedRecording, track } from './testing/trackedRecording.ts'

const WITHOUT_FILES: Conditions = { page: 'reports', agora: { files: [] } }
const RESTART: PolicyInput = { onNoFiles: 'restart', restart: { delays: [0], jitter: 0 } }

const attention = (it: TrackedRecording): string[] => it.recording.attention.map(({ code }) => code)

describe('an attempt that writes', () => {
  test('has no file after fileTimeout: Agora is queried, and only its answer raises attention', () => {
    const it = rolling().pass(176, WITHOUT_FILES)
    expect(it.timesOf('query', 1)).toEqual([5, 125])
    expect(attention(it)).toEqual([])
    it.heartbeat().dueAfter(2)
    expect(it.effectNames).toEqual(['routineQuery 1'])
    expect(attention(it)).toEqual([])
    it.answers({ files: [] })
    expect(it.codes).toEqual(['attempt.no_files', 'attention.raised'])
    expect(it.recording.attention).toMatchObject([
      {
        code: 'no_files',
        attempts: [1],
        message: expect.stringContaining('has been writing attempt 1 for 180 s and lists no file'),
      },
    ])
    expect(it.recording.attention[0]?.message).toContain('Check the bucket')
    expect(it.state).toBe('rolling')
  })

  test('raises nothing once a file is listed, however seldom Agora is queried', () => {
    const it = rolling({ queryInterval: 3600 }).pass(3600, { page: 'reports' })
    expect(it.timeline.map(({ code }) => code)).not.toContain('attempt.no_files')
    // The query at fileBy is the only additional one.
    expect(it.timesOf('query', 1)).toEqual([5, 185])
    expect(it.deadlines).not.toHaveProperty('fileBy')
  })

  test.each([
    ['a query lists one', (it: TrackedRecording) => it.pass(200, { page: 'reports' })],
    ['event 4 lists one', (it: TrackedRecording) => it.notification(4, { files: ['a1/class42.m3u8'] })],
    ['event 33 reports progress', (it: TrackedRecording) => it.notification(33, { progress: 10_000 })],
    ['event 31 reports the upload', (it: TrackedRecording) => it.notification(31, { status: 0 })],
  ])('ends the attention when %s', (_, then) => {
    const it = then(rolling().pass(190, WITHOUT_FILES))
    expect(attention(it)).toEqual([])
    expect(it.timeline.filter(({ code }) => code === 'attention.cleared')).toHaveLength(1)
    expect(it.deadlines).not.toHaveProperty('fileBy')
  })

  test('is given no deadline while Agora waits for its page, which may take longer than fileTimeout', () => {
    const it = track({ loadTimeout: 1000 }).acquired().started().dueAfter(5).answers(4).hello()
    it.pass(400, { page: 'reports', agora: 4 })
    expect(attention(it)).toEqual([])
    expect(it.deadlines).not.toHaveProperty('fileBy')
    it.loaded()
    expect(it.deadlines.fileBy).toBe(it.now + 180)
  })

  test('that Agora confirms by event 70 first is given its deadline then', () => {
    const it = track().acquired().started().wait(10).notification(70)
    expect(it.deadlines.fileBy).toBe(190)
  })

  test.each(['unknown', 'notFound', 6] as const)('raises nothing on the answer %s', (answer) => {
    const it = rolling().pass(177, WITHOUT_FILES).pass(60, { page: 'reports', agora: answer })
    expect(attention(it)).toEqual([])
    it.pass(60, WITHOUT_FILES)
    expect(attention(it)).toEqual(['no_files'])
  })

  test('has no deadline with fileTimeout 0', () => {
    const it = rolling({ fileTimeout: 0 }).pass(4000, WITHOUT_FILES)
    expect(attention(it)).toEqual([])
  })
})

describe('a pause', () => {
  test('does not count, and fileTimeout starts anew after it', () => {
    const it = rolling().pass(100, WITHOUT_FILES).pause().updateAnswers('done')
    expect(it.deadlines).not.toHaveProperty('fileBy')
    it.pass(1000, { page: 'reports', agora: { files: [], onhold: true } })
    expect(attention(it)).toEqual([])
    it.resume().updateAnswers('done')
    expect(it.deadlines.fileBy).toBe(it.now + 180)
    it.pass(181, { page: 'reports', agora: { files: [], onhold: false } })
    expect(attention(it)).toEqual(['no_files'])
  })

  test('that begins before Agora has answered makes the answer meaningless', () => {
    const it = rolling().pass(176, WITHOUT_FILES).heartbeat().dueAfter(2).pause().answers({ files: [] })
    expect(attention(it)).toEqual([])
    expect(it.attempt(1).noFiles).toBeNull()
  })
})

test('after a downtime fileTimeout starts anew', () => {
  const it = rolling().resumedAfterDowntime(3600)
  expect(it.deadlines.fileBy).toBe(it.now + 180)
})

test('attention without files stays when the recording has stopped, until a file is known after all', () => {
  const it = rolling().pass(190, WITHOUT_FILES).stop().stopAnswers('stopped', 1)
  expect(it.state).toBe('stopped')
  expect(attention(it)).toEqual(['no_files'])
  it.notification(71, { code: 0, files: ['a1/class42.m3u8'] })
  expect(attention(it)).toEqual([])
  expect(it.attempt(1).files).toEqual(['a1/class42.m3u8'])
})

describe('onNoFiles: restart', () => {
  const withoutFiles = (policy: PolicyInput = {}) =>
    rolling({ ...RESTART, ...policy }).pass(178, WITHOUT_FILES)

  test('starts a candidate beside the current attempt, which keeps recording until its page has loaded', () => {
    const it = withoutFiles()
    expect(it.codes).toContain('candidate.started')
    expect(it.recording).toMatchObject({ state: 'unhealthy', reason: { code: 'no_files' } })
    it.acquired().started()
    expect(it.attempt(1).state).toBe('current')
    it.hello().loaded()
    expect(it.effectNames).toEqual(['stop 1'])
    expect(it.attempt(1).endReason?.code).toBe('no_files')
  })

  test('keeps the candidate although the page is healthy, and drops it when a file is listed', () => {
    const it = withoutFiles().acquired().started().heartbeat()
    expect(it.attempt(2).state).toBe('candidate')
    it.notification(4, { attempt: 1, files: ['a1/class42.m3u8'] })
    expect(it.attempt(2)).toMatchObject({ state: 'superseded', endReason: { code: 'candidate_dropped' } })
    expect(it.state).toBe('rolling')
  })

  test('is not forgotten when the page was silent before and reports again', () => {
    const it = rolling(RESTART).pass(140, WITHOUT_FILES)
    it.pass(45, { ...WITHOUT_FILES, page: 'silent' })
    expect(it.recording.replacing?.code).toBe('no_files')
    expect(it.timeline.find(({ code }) => code === 'candidate.started')?.evidence.code).toBe('page_silent')
    it.heartbeat({ attempt: 1, page: 'page1' })
    expect(it.recording).toMatchObject({ replacing: { code: 'no_files' }, state: 'unhealthy' })
    expect(it.recording.failures).toHaveLength(1)
    expect(it.attempt(2).state).toBe('candidate')
  })

  test('counts an attempt that never loaded once, although it is replaced for another reason afterwards', () => {
    const it = track({ ...RESTART, fileTimeout: 20 })
      .acquired()
      .started()
      .notification(70)
      .confirmed()
    it.pass(30, WITHOUT_FILES)
    expect(it.recording).toMatchObject({ replacing: { code: 'no_files' }, neverLoaded: 1 })
    it.acquired()
      .started()
      .notification(4, { attempt: 1, files: ['a1/class42.m3u8'] })
    expect(it.recording.replacing).toBeNull()
    it.passUntil('page.never_contacted', { agora: 5 }).pass(5, { agora: 5 })
    expect(it.recording).toMatchObject({ replacing: { code: 'page_never_contacted' }, neverLoaded: 1 })
  })

  test('does not keep the retries slow because of fewer attempts than maxNeverLoaded', () => {
    const it = withoutFiles({ restart: { ...RESTART.restart, maxFailures: 0 } })
    expect(it.recording).toMatchObject({ withoutFiles: 1, slowRetries: 1 })
    it.pass(300, WITHOUT_FILES).acquired().started(2).hello().loaded()
    expect(it.recording).toMatchObject({ state: 'rolling', withoutFiles: 1, slowRetries: 0 })
  })

  test('retries slowly once maxNeverLoaded consecutive attempts had no file, until one has', () => {
    const it = withoutFiles()
    for (const number of [2, 3]) it.acquired().started(number).hello().loaded().pass(190, WITHOUT_FILES)
    expect(it.recording.withoutFiles).toBe(3)
    expect(attention(it).toSorted()).toEqual(['no_files', 'slow_retries'])
    expect(it.deadlines.retryAt).toBeGreaterThan(it.now + 200)
    it.pass(300, WITHOUT_FILES).acquired().started(4).hello().loaded()
    expect(attention(it)).toContain('slow_retries')
    it.notification(4, { files: ['a4/class42.m3u8'] })
    expect(it.recording).toMatchObject({ withoutFiles: 0, slowRetries: 0, state: 'rolling' })
    expect(it.recording.attention).toMatchObject([{ code: 'no_files', attempts: [1, 2, 3] }])
  })

  test('gives up with restart.final, and recovers only with a file', () => {
    const it = withoutFiles({ restart: { delays: [0], maxNeverLoaded: 1, final: true } })
    expect(it.recording.gaveUp?.code).toBe('no_files')
    expect(it.heartbeat().recording.gaveUp?.code).toBe('no_files')
    it.notification(4, { files: ['a1/class42.m3u8'] }).heartbeat()
    expect(it.recording).toMatchObject({ gaveUp: null, state: 'rolling' })
  })
})
